/** Starts a session at sign-in, in place of the one that the browser had. */
import { deadlinesOf, isOver } from "../../session/deadlines.js";
import { isByTime } from "../../session/end.js";
import type { ServerContext } from "../lifecycle/context.js";
import { currentSession, endSession, settleSession } from "../lifecycle/settle.js";
import { rememberBegun } from "../lifecycle/timed-out.js";
import { SessionError } from "../platform/errors.js";
import { randomText } from "../platform/secrets.js";
import type { AttributeValue } from "../policy/policy.types.js";
import { newRecord } from "../record/new.js";
import type { LiveSession, SettledSession } from "../record/outcome.js";
import { endByTime, type ProviderSession, type SessionRecord } from "../record/session.js";
import { freeSid, ownSecret } from "./own-id.js";
import { hasPlace, leavePlace, takePlace } from "./places.js";
import { beginSignIn, revoked, type SignInBeginning } from "./record.js";
import { refuseSilent } from "./silent-sign-in.js";

/** What the app says of the person: the policy's rules go by it. */
export interface SubjectContext {
  readonly roles?: readonly string[];
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
}

export interface StartOptions extends SubjectContext {
  /** The app's own id of the person. */
  readonly subject: string;
  /**
   * When the person proved who they are, in milliseconds since the epoch (OIDC `auth_time` × 1000, never `iat`). After an
   * end by time it must be since that end (`stale-authentication`). Default: now, as for a password of your own.
   */
  readonly authenticatedAt?: number;
  /** The `iss` and `sid` of the provider's ID token: by them a browser is known where its cookie is not there. */
  readonly idp?: ProviderSession;
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

/** The browser that signs in. */
export interface SigningBrowser {
  /** The policy's networks that its address lies in. */
  readonly networks: readonly string[];
  /** What it presents; null where that is nothing, or nothing known. */
  readonly previous: SettledSession | null;
}

/**
 * Begins a sign-in: before anything else is asked, so that whatever ends the subject's sessions from here on ends it too.
 * @throws SessionError `bad-subject`, `bad-idp`, `bad-id`
 */
export async function beginStart(context: ServerContext, options: StartOptions): Promise<SignInBeginning> {
  checkSubject(options);
  return beginSignIn(context, options.subject);
}

/**
 * Starts a session, and ends the one that the browser had (`replaced`).
 * @throws SessionError `bad-authenticated-at`, `stale-authentication`, `authentication-too-old`, `too-many-sessions`, `revoked`, `id-taken`
 */
export async function startSession(
  context: ServerContext,
  options: StartOptions,
  beginning: SignInBeginning,
  browser: SigningBrowser = { networks: [], previous: null },
): Promise<SignedIn> {
  const { now } = beginning;
  const authentication = authenticationOf(options.authenticatedAt, now);
  if (options.authenticatedAt !== undefined && authentication.authenticatedAt <= beginning.revokedAt)
    throw revoked();
  const previous = await asOf(context, browser.previous, now);
  const secret = options.id === undefined ? randomText(32) : ownSecret(options.id);
  await refuseSilent(context, "start()", { ...options, previous }, now);
  const claim = options.authenticatedAt ?? now;
  const record = newRecord(context, options, {
    ...authentication,
    ...lineOf(previous),
    ...(options.id === undefined ? {} : await freeSid(context, options.subject, claim)),
    beginning,
    lastActiveAt: seenAt(options, previous, now),
    secret,
    networks: browser.networks,
  });
  if (isOver(record, now)) throw tooOld("start()");
  const replace = async () => {
    if (previous?.status === "active") await endSession(context, previous.record.sid, "replaced");
  };
  // Where the number of sessions is limited, the one that goes must not count against the one that comes.
  const isLimited = context.policy.maxSessions !== null;
  if (isLimited) await replace();
  await insertSession(context, record);
  if (!isLimited) await replace();
  context.audit.record("session_created", now, record, {
    expiresAt: new Date(deadlinesOf(record).expiresAt).toISOString(),
  });
  return { status: "active", record, now, secret };
}

/** What the browser presents, as it is at `now`: its deadline may have come since it was looked at. */
async function asOf(
  context: ServerContext,
  previous: SettledSession | null,
  now: number,
): Promise<SettledSession | null> {
  if (previous?.status !== "active" || now < endByTime(previous.record, context.policy).endsAt)
    return previous;
  return currentSession(context, previous.record.sid);
}

/**
 * The last session of this browser that ended by time. Of one that ended otherwise, or that this one replaces, it is what
 * stood before.
 */
function lineOf(previous: SettledSession | null): Pick<SessionRecord, "previousSid"> {
  if (previous === null) return {};
  const { sid, previousSid, ended } = previous.record;
  const line = isByTime(ended) ? sid : previousSid;
  return line === undefined ? {} : { previousSid: line };
}

/**
 * When the person was last seen. A sign-in in place of a live session of theirs that tells of an authentication has no
 * later one to tell of: the provider may have answered for a script, and only people extend a session.
 */
function seenAt(
  { subject, authenticatedAt }: StartOptions,
  previous: SettledSession | null,
  now: number,
): number {
  if (authenticatedAt === undefined || previous?.status !== "active" || previous.record.subject !== subject)
    return now;
  return Math.min(now, Math.max(previous.record.lastActiveAt, authenticatedAt));
}

/**
 * Writes the record of a session that begins, in its place among the subject's.
 * @throws SessionError `too-many-sessions`, `revoked`, `id-taken`
 */
export async function insertSession(context: ServerContext, record: SessionRecord): Promise<void> {
  await rememberBegun(context, record);
  await takePlace(context, record);
  if ((await context.store.insert(record)) === "exists") {
    await leavePlace(context, record);
    throw new SessionError(
      "id-taken",
      "a session of this id exists already: give each session a new id",
      409,
    );
  }
  // Nobody gets the cookie before this is known: what was ended meanwhile has ended this sign-in.
  const [, found] = await Promise.all([context.everybody.ask(), context.store.find(record.sid)]);
  const settled = found && (await settleSession(context, found));
  if (settled?.status === "active" && hasPlace(context, record.sid, found?.subject ?? null)) return;
  await endSession(context, record.sid, "revoked");
  throw revoked();
}

/** @throws SessionError `bad-idp` */
export function refuseBadIdp(idp: ProviderSession | undefined): void {
  if (idp === undefined || (isText(idp?.iss) && isText(idp.sid))) return;
  throw new SessionError(
    "bad-idp",
    "idp must be the iss and sid of the provider's ID token, two texts that are not empty; leave it out where the provider tells no sid",
  );
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

function checkSubject({ subject, id, idp }: StartOptions): void {
  if (typeof subject !== "string" || subject === "")
    throw new SessionError(
      "bad-subject",
      "start() needs a subject: the app's own id of the person, a text that is not empty",
    );
  refuseBadIdp(idp);
  if (id !== undefined && (typeof id !== "string" || id.length < 16))
    throw new SessionError("bad-id", "start() was given an id that is no session id: at least 16 characters");
}

export function tooOld(call: string): SessionError {
  return new SessionError(
    "authentication-too-old",
    `${call} was given an authenticatedAt that lies a whole absolute timeout back: ask the person to sign in again`,
  );
}

/**
 * When the person proved who they are. A provider's clock may be ahead of the store's: then the claim is kept beside it.
 * @throws SessionError `bad-authenticated-at`
 */
export function authenticationOf(
  claimed: number | undefined,
  now: number,
): Pick<SessionRecord, "authenticatedAt" | "claimedAt"> {
  if (claimed === undefined) return { authenticatedAt: now };
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
  return claimed > now ? { authenticatedAt: now, claimedAt: claimed } : { authenticatedAt: claimed };
}
