/** Starts a session at sign-in, in place of the one that the browser had. */
import { isOver } from "../../session/deadlines.js";
import { isByTime } from "../../session/end.js";
import type { ServerContext } from "../lifecycle/context.js";
import { currentSession, endSession } from "../lifecycle/settle.js";
import { timeoutsFor } from "../lifecycle/times.js";
import { UNCONFIRMED, unlessUnknown } from "../lifecycle/unconfirmed.js";
import { SessionError } from "../platform/errors.js";
import { isFilledText } from "../platform/members.js";
import { randomText } from "../platform/secrets.js";
import { newRecord } from "../record/new.js";
import type { SettledSession } from "../record/outcome.js";
import type { SessionRecord } from "../record/session.js";
import {
  authenticationOf,
  refuseBadIdp,
  type SignedIn,
  type StartOptions,
  tooOld,
} from "./authentication.js";
import { beginSignIn, revoked, type SignInBeginning } from "./beginning.js";
import { freeSid, ownSecret } from "./own-id.js";
import { insertSession } from "./places.js";
import { joinGroup } from "./shared-sign-in.js";
import { refuseSilent } from "./silent-sign-in.js";
import { toldTerms } from "./told-terms.js";

/** The browser that signs in. */
interface SigningBrowser {
  /** The policy's networks that its address lies in. */
  readonly networks: readonly string[];
  /** What it presents; null where that is nothing, or nothing known. */
  readonly previous: SettledSession | null;
}

/**
 * Begins a sign-in: before anything else is asked, so that whatever ends the subject's sessions from here on ends it too.
 * @throws SessionError `bad-subject`, `bad-idp`, `bad-authenticated-at`, `bad-id`
 */
export async function beginStart(context: ServerContext, options: StartOptions): Promise<SignInBeginning> {
  checkSubject(options);
  return beginSignIn(context, options.subject);
}

/**
 * Starts a session, and ends the one that the browser had (`replaced`).
 * @throws SessionError `bad-authenticated-at`, `stale-authentication`, `authentication-too-old`, `bad-group`, `too-many-sessions`, `revoked`, `id-taken`
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
  const { pseudonym } = beginning;
  await refuseSilent(context, "start()", { ...options, pseudonym, previous }, now);
  const claim = options.authenticatedAt ?? now;
  const record = newRecord(context, options, {
    ...authentication,
    ...(await joinGroup(context, options)),
    ...lineOf(previous),
    ...(options.id === undefined
      ? {}
      : await freeSid(context, beginning.pseudonym ?? options.subject, claim)),
    beginning,
    lastActiveAt: seenAt(options, previous, now),
    secret,
    networks: browser.networks,
    ...timeoutsFor(context.policy, options, browser.networks),
  });
  if (isOver(record, now)) throw tooOld("start()");
  const replace = async () => {
    if (previous?.status === "active") await endSession(context, previous.record.sid, "replaced");
  };
  // Where the number of sessions is limited, the one that goes must not count against the one that comes.
  const isLimited = context.policy.maxSessions !== null;
  if (isLimited) await replace();
  const told = toldTerms(record);
  const tell = () => context.audit.record("session_created", now, record, { ...told, ...UNCONFIRMED });
  const { terms } = await insertSession(context, record, tell);
  if (!isLimited) await unlessUnknown(replace, tell);
  context.audit.record("session_created", now, record, told);
  return { status: "active", record, terms, now, secret };
}

/** What the browser presents, as it is at `now`: its deadline may have come since it was looked at. */
async function asOf(
  context: ServerContext,
  previous: SettledSession | null,
  now: number,
): Promise<SettledSession | null> {
  if (previous?.status !== "active" || now < previous.terms.endsAt) return previous;
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

function checkSubject(options: StartOptions): void {
  const { subject, id } = options;
  if (!isFilledText(subject))
    throw new SessionError(
      "bad-subject",
      "start() needs a subject: the app's own id of the person, a text that is not empty",
    );
  refuseBadIdp(options);
  if (id !== undefined && (typeof id !== "string" || id.length < 16))
    throw new SessionError("bad-id", "start() was given an id that is no session id: at least 16 characters");
}
