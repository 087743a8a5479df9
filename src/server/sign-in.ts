/** Starts a session at sign-in, and moves both deadlines at reauthentication. */
import { deadlinesOf, isOver } from "../session/deadlines.js";
import type { ServerContext } from "./context.js";
import { SessionError } from "./errors.js";
import { randomText, sha256 } from "./secrets.js";
import { RECORD_VERSION, type SessionRecord, timesOf } from "./session-record.js";
import { type LiveSession, whileLive } from "./settle-session.js";

export interface StartOptions {
  /** The app's own id of the person. */
  readonly subject: string;
  /** When the person proved who they are, in milliseconds since the epoch (OIDC `auth_time` × 1000). Default: now. */
  readonly authenticatedAt?: number;
  readonly roles?: readonly string[];
}

/** A live session and the cookie's new secret, which is nowhere else. */
export interface SignedIn extends LiveSession {
  readonly secret: string;
}

const EARLIEST_MILLISECONDS = 1e11;
/** How far ahead of the store's clock another machine's may tell the time of an authentication. */
const CLOCK_SKEW = 5 * 60_000;

/** @throws SessionError `bad-subject`, `bad-authenticated-at`, `authentication-too-old` */
export async function startSession(context: ServerContext, options: StartOptions): Promise<SignedIn> {
  const { subject, roles = [] } = options;
  if (typeof subject !== "string" || subject === "")
    throw new SessionError(
      "bad-subject",
      "start() needs a subject: the app's own id of the person, a text that is not empty",
    );
  const now = await context.store.now();
  const { policy } = context;
  const secret = randomText(32);
  const record: SessionRecord = {
    v: RECORD_VERSION,
    app: context.app,
    sid: randomText(16),
    subject,
    roles: [...roles],
    secretHash: sha256(secret),
    startedAt: now,
    authenticatedAt: authenticatedAtOf(options.authenticatedAt, now),
    lastActiveAt: now,
    ...numbersOf(policy),
    key: null,
    bindUntil: now + policy.bindPeriod,
    nonce: randomText(32),
    lastHeartbeat: null,
    ended: null,
    revision: 0,
  };
  if (isOver(record, now)) throw tooOld("start()");
  await context.store.insert(record);
  context.audit.record("session_created", now, record, {
    expiresAt: new Date(deadlinesOf(record).expiresAt).toISOString(),
  });
  return { status: "active", record, now, secret };
}

/**
 * The same session, proven anew: both deadlines, the cookie's secret and the nonce change, the sid and the key stay.
 * @throws SessionError `other-subject`, `ended`
 */
export async function reauthenticateSession(
  context: ServerContext,
  live: LiveSession,
  options: StartOptions,
): Promise<SignedIn> {
  if (options.subject !== live.record.subject)
    throw new SessionError(
      "other-subject",
      "reauthenticate() was given another subject than the session's: call start() for another person",
    );
  const renewed = await whileLive(context, live, ({ record }) =>
    writeReauthentication(context, record, options),
  );
  if (renewed !== null && "secret" in renewed) return renewed;
  throw new SessionError("ended", "reauthenticate() found that the session has ended: call start()", 401);
}

async function writeReauthentication(
  context: ServerContext,
  record: SessionRecord,
  options: StartOptions,
): Promise<SignedIn | null> {
  const now = await context.store.now();
  const secret = randomText(32);
  const next: SessionRecord = {
    ...record,
    secretHash: sha256(secret),
    roles: options.roles ? [...options.roles] : record.roles,
    authenticatedAt: authenticatedAtOf(options.authenticatedAt, now),
    lastActiveAt: now,
    ...numbersOf(context.policy),
    bindUntil: now + context.policy.bindPeriod,
    nonce: randomText(32),
  };
  if (isOver(next, now)) throw tooOld("reauthenticate()");
  const before = deadlinesOf(timesOf(record, context.policy)).expiresAt;
  const { outcome } = await context.store.replace(next, { revision: record.revision, before });
  if (outcome !== "done") return null;
  const expiresAt = new Date(deadlinesOf(next).expiresAt).toISOString();
  context.audit.record("session_reauthenticated", now, record, { expiresAt });
  return { status: "active", record: { ...next, revision: record.revision + 1 }, now, secret };
}

function tooOld(call: string): SessionError {
  return new SessionError(
    "authentication-too-old",
    `${call} was given an authenticatedAt that lies a whole absolute timeout back: ask the person to sign in again`,
  );
}

function numbersOf({ idleTimeout, absoluteTimeout, name, fingerprint }: ServerContext["policy"]) {
  return { idleTimeout, absoluteTimeout, policyName: name, policyFingerprint: fingerprint };
}

function authenticatedAtOf(claimed: number | undefined, now: number): number {
  if (claimed === undefined) return now;
  if (!Number.isSafeInteger(claimed) || claimed < EARLIEST_MILLISECONDS)
    throw new SessionError(
      "bad-authenticated-at",
      `authenticatedAt is ${String(claimed)}; give whole milliseconds since the epoch (OIDC auth_time is in seconds: multiply by 1000)`,
    );
  if (claimed > now + CLOCK_SKEW)
    throw new SessionError(
      "bad-authenticated-at",
      "authenticatedAt lies in the future; check the clock of the machine that tells it",
    );
  return Math.min(claimed, now);
}
