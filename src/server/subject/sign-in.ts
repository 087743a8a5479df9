/** Starts a session at sign-in, and moves both deadlines at reauthentication. */
import { deadlinesOf, isOver } from "../../session/deadlines.js";
import type { ServerContext } from "../lifecycle/context.js";
import { endSession, replaceLive, whileLive } from "../lifecycle/settle.js";
import { SessionError } from "../platform/errors.js";
import { randomText, sha256 } from "../platform/secrets.js";
import type { AttributeValue } from "../policy/policy.types.js";
import { resolveTimeouts, type SessionContext } from "../policy/resolve.js";
import { newRecord } from "../record/new.js";
import type { LiveSession } from "../record/outcome.js";
import { contextOf, type SessionRecord } from "../record/session.js";
import { leavePlace, revoked, takePlace } from "./sessions.js";

/** What the app says of the person: the policy's rules go by it. */
export interface SubjectContext {
  readonly roles?: readonly string[];
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
}

export interface StartOptions extends SubjectContext {
  /** The app's own id of the person. */
  readonly subject: string;
  /** When the person proved who they are, in milliseconds since the epoch (OIDC `auth_time` × 1000). Default: now. */
  readonly authenticatedAt?: number;
  /** The app's own id of the session, where it keeps its own (`identify`); then no cookie of Curfew's is needed. */
  readonly id?: string;
  /** With `id`: the id that the browser had before, whose session is to end as `replaced`. */
  readonly previousId?: string;
}

/** A live session and the cookie's new secret, which is nowhere else. */
export interface SignedIn extends LiveSession {
  readonly secret: string;
}

const EARLIEST_MILLISECONDS = 1e11;
/** How far ahead of the store's clock another machine's may tell the time of an authentication. */
const CLOCK_SKEW = 5 * 60_000;

/**
 * Starts a session.
 * @throws SessionError `bad-subject`, `bad-authenticated-at`, `authentication-too-old`, `too-many-sessions`, `revoked`, `id-taken`
 */
export async function startSession(
  context: ServerContext,
  options: StartOptions,
  networks: readonly string[] = [],
): Promise<SignedIn> {
  checkSubject(options);
  const now = await context.store.now();
  const authenticatedAt = authenticatedAtOf(options.authenticatedAt, now);
  const secret = options.id === undefined ? randomText(32) : ownSecret(options.id);
  const record = newRecord(context, options, { now, authenticatedAt, lastActiveAt: now, secret, networks });
  if (isOver(record, now)) throw tooOld("start()");
  await insertSession(context, record, options.authenticatedAt === undefined ? null : authenticatedAt);
  context.audit.record("session_created", now, record, {
    expiresAt: new Date(deadlinesOf(record).expiresAt).toISOString(),
  });
  return { status: "active", record, now, secret };
}

/** The app's own id, as the secret that it stands for here; never the same text as a cookie of Curfew's. */
export function ownSecret(id: string): string {
  return `own ${id}`;
}

/**
 * Writes the record of a session that begins, in its place among the subject's.
 * @param authenticatedAt when the person proved who they are, if anybody said so
 */
export async function insertSession(
  context: ServerContext,
  record: SessionRecord,
  authenticatedAt: number | null,
): Promise<void> {
  const { sid, subject } = record;
  const place = await takePlace(context, { subject, sid, authenticatedAt });
  if ((await context.store.insert(record)) === "exists") {
    await leavePlace(context, subject, sid);
    throw new SessionError(
      "id-taken",
      "a session of this id exists already: give each session a new id",
      409,
    );
  }
  if (await place.confirm()) return;
  await endSession(context, sid, "revoked");
  throw revoked();
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
  const { policy } = context;
  const secret = randomText(32);
  const changed = contextAfter(record, options);
  const { idleTimeout, absoluteTimeout } = resolveTimeouts(policy, changed);
  const next: SessionRecord = {
    ...record,
    // An app that keeps its own session tells of a new id by `moved`.
    ...(record.ownId === undefined ? { secretHash: sha256(secret) } : {}),
    roles: [...changed.roles],
    attributes: { ...changed.attributes },
    authenticatedAt: authenticatedAtOf(options.authenticatedAt, now),
    lastActiveAt: now,
    lastInputAt: now,
    longestGap: 0,
    idleTimeout,
    absoluteTimeout,
    policyName: policy.name,
    policyFingerprint: policy.fingerprint,
    bindUntil: now + policy.bindPeriod,
    nonce: randomText(32),
  };
  if (isOver(next, now)) throw tooOld("reauthenticate()");
  const written = await replaceLive(context, record, next);
  if (written === null) return null;
  const expiresAt = new Date(deadlinesOf(next).expiresAt).toISOString();
  context.audit.record("session_reauthenticated", now, record, { expiresAt });
  return { ...written, secret };
}

/**
 * The app says something new of the person: the session's policy is resolved again. Stricter takes hold at once, looser
 * at reauthentication.
 * @throws SessionError `ended`
 */
export async function updateSession(
  context: ServerContext,
  live: LiveSession,
  changes: SubjectContext,
): Promise<LiveSession> {
  const updated = await whileLive(context, live, async ({ record }) => {
    const changed = contextAfter(record, changes);
    const resolved = resolveTimeouts(context.policy, changed);
    const written = await replaceLive(context, record, {
      ...record,
      roles: [...changed.roles],
      attributes: { ...changed.attributes },
      idleTimeout: Math.min(record.idleTimeout, resolved.idleTimeout),
      absoluteTimeout: Math.min(record.absoluteTimeout, resolved.absoluteTimeout),
    });
    if (written !== null) context.audit.record("session_updated", written.now, record);
    return written;
  });
  if (updated?.status === "active") return updated;
  throw new SessionError("ended", "update() found that the session has ended", 401);
}

/** What the rules go by once the app has said something new; what it does not say stays. */
function contextAfter(record: SessionRecord, { roles, attributes }: SubjectContext): SessionContext {
  const known = contextOf(record);
  return { ...known, roles: roles ?? known.roles, attributes: attributes ?? known.attributes };
}

function checkSubject({ subject, id }: StartOptions): void {
  if (typeof subject !== "string" || subject === "")
    throw new SessionError(
      "bad-subject",
      "start() needs a subject: the app's own id of the person, a text that is not empty",
    );
  if (id !== undefined && (typeof id !== "string" || id.length < 16))
    throw new SessionError("bad-id", "start() was given an id that is no session id: at least 16 characters");
}

export function tooOld(call: string): SessionError {
  return new SessionError(
    "authentication-too-old",
    `${call} was given an authenticatedAt that lies a whole absolute timeout back: ask the person to sign in again`,
  );
}

export function authenticatedAtOf(claimed: number | undefined, now: number): number {
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
