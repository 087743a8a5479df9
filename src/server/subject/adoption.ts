/**
 * Sessions of an app that keeps its own (`identify`): its id stands in the cookie's place. An id without a record is
 * adopted only just after its sign-in, an id that ended never again, and a new id moves no clock.
 */
import { isOver } from "../../session/deadlines.js";
import type { ServerContext } from "../lifecycle/context.js";
import { replaceRecorded } from "../lifecycle/recorded-write.js";
import { currentSession, settleFound, whileLive } from "../lifecycle/settle.js";
import { timeoutsFor } from "../lifecycle/times.js";
import { UNCONFIRMED } from "../lifecycle/unconfirmed.js";
import { SessionError } from "../platform/errors.js";
import { seal, sha256 } from "../platform/secrets.js";
import { newRecord } from "../record/new.js";
import type { LiveSession, SettledSession } from "../record/outcome.js";
import { claimOf, nextChange } from "../record/session.js";
import type { TimedOut } from "../record/subject.js";
import type { Found } from "../stores/store.js";
import { authenticationOf, refuseBadIdp } from "./authentication.js";
import { beginSignIn, endedForGood, isRevoked } from "./beginning.js";
import { readContext, refuseNoText } from "./call-values.js";
import { type Identity, type OwnSessions, ownSecret, sidOfSignIn } from "./own-id.js";
import { insertSession } from "./places.js";
import { liveSessions } from "./sessions.js";
import { auditSilent, type ClaimedSignIn, endAgainst, type HeldBack } from "./silent-sign-in.js";
import { toldTerms } from "./told-terms.js";
import { refuseIllFormed } from "./well-formed.js";

/** How recent a sign-in must be for its session to be adopted. */
const ADOPT_PERIOD = 60_000;

/** @param identify asks the app for its own session */
export function createOwnSessions(
  identify: (source: unknown) => Identity | null | Promise<Identity | null>,
  adoptUntilAt: number | null,
): OwnSessions {
  /** An app that answers with nothing at all knows of nobody. */
  const identityOf = async (source: unknown) => (await identify(source)) ?? null;
  return {
    async find(context, source, networks) {
      const identity = await identityOf(source);
      if (identity === null) return { status: "absent" };
      const known = await sessionOfIdentity(context, identity, { networks, adoptUntilAt });
      return known ?? { status: "unknown" };
    },
    async findPrevious(context, source, { id, previousId }) {
      const before = previousId ?? (await identityOf(source))?.id;
      const known = before === undefined || before === id ? null : await sessionOfOwnId(context, before);
      return known ?? { status: "absent" };
    },
    async isHeldBack(context, source) {
      const identity = await identityOf(source);
      return identity !== null && isHeldBack(context, identity);
    },
    async secretOf(source) {
      const identity = await identityOf(source);
      return identity === null ? null : ownSecret(identity.id);
    },
  };
}

/** The session of an id, adopted where that is due; null where there is none. */
async function sessionOfIdentity(
  context: ServerContext,
  identity: Identity,
  options: { readonly networks: readonly string[]; readonly adoptUntilAt: number | null },
): Promise<SettledSession | null> {
  refuseIllFormed("identify() answered with", identity);
  refuseNoText("identify() answered with", "id", identity.id);
  if (identity.subject !== undefined) refuseNoText("identify() answered with", "subject", identity.subject);
  const found = await findOwn(context, identity.id);
  if (found === null) return adopt(context, identity, options);
  const isTheirs = identity.subject === undefined || identity.subject === found.record.subject;
  return isTheirs ? settleFound(context, found, options.networks) : null;
}

/** The session of an own id as it is; nothing is adopted. @throws SessionError `ill-formed` */
export async function sessionOfOwnId(context: ServerContext, id: string): Promise<SettledSession | null> {
  refuseNoText("the app gave", "id", id);
  refuseIllFormed("the app gave", { id });
  return settleFound(context, await findOwn(context, id));
}

function findOwn({ store }: ServerContext, id: string): Promise<Found | null> {
  return store.findBySecret(sha256(ownSecret(id)));
}

async function adopt(
  context: ServerContext,
  identity: Identity,
  options: { readonly networks: readonly string[]; readonly adoptUntilAt: number | null },
): Promise<SettledSession | null> {
  const { id, subject, idp, roles = [], attributes = {} } = readContext("identify() answered with", identity);
  if (subject === undefined || identity.authenticatedAt === undefined) return null;
  refuseBadIdp(identity);
  const beginning = await beginSignIn(context, subject);
  const { now } = beginning;
  const authentication = authenticationOf(identity.authenticatedAt, now);
  const { authenticatedAt } = authentication;
  const isFresh = now < authenticatedAt + ADOPT_PERIOD;
  const isDue = isFresh || (options.adoptUntilAt !== null && now < options.adoptUntilAt);
  const { pseudonym } = beginning;
  const same = await sameSignIn(context, { subject, pseudonym }, identity.authenticatedAt);
  const before = same && (await follow(context, same, id));
  if (before?.status === "active") return before;
  const claim = { subject, pseudonym, authenticatedAt: identity.authenticatedAt, idp, previous: null };
  const held = await endAgainst(context, claim);
  if (held !== null) {
    auditOften(context, claim, held, now);
    return before ?? (isDue ? endedSession(context, held.end, subject) : null);
  }
  // Where the subject's sessions were ended together since, the app's own session had begun by then.
  if (same !== null || !isDue || authenticatedAt <= beginning.lastEndedAt) return before;
  const facts = {
    ...authentication,
    sid: sidOfSignIn(context, pseudonym ?? subject, identity.authenticatedAt),
    beginning,
    lastActiveAt: isFresh ? authenticatedAt : now,
    secret: ownSecret(id),
    networks: options.networks,
    ...timeoutsFor(context.policy, identity, options.networks),
  };
  const owner = { subject, roles, attributes, id, ...(idp === undefined ? {} : { idp }) };
  const record = newRecord(context, owner, facts);
  if (isOver(record, now)) return null;
  try {
    const told = toldTerms(record);
    const { terms } = await insertSession(context, record, () =>
      context.audit.record("session_adopted", now, record, { ...told, ...UNCONFIRMED }),
    );
    context.audit.record("session_adopted", now, record, told);
    return { status: "active", record, terms, now };
  } catch (error) {
    if (!(error instanceof SessionError)) throw error;
    // Another request of the same browser was first, or the sign-in is not allowed.
    const first = await settleFound(context, await findOwn(context, id), options.networks);
    const other = first ?? (await sameSignIn(context, { subject, pseudonym }, identity.authenticatedAt));
    return first ?? (other && follow(context, other, id));
  }
}

/** The provider has signed the person in again, and the app presents that at every request. */
function auditOften(context: ServerContext, claim: ClaimedSignIn, held: HeldBack, now: number): void {
  const count = context.bursts.count(`silent-sign-in ${held.end.sid}`, now);
  if (count > 0) auditSilent(context, claim, held, now, count);
}

/** The end that holds a sign-in back, as far as it is the same person's and still kept. */
async function endedSession(
  context: ServerContext,
  { sid }: TimedOut,
  subject: string,
): Promise<SettledSession | null> {
  const session = await currentSession(context, sid);
  return session?.status === "ended" && session.record.subject === subject ? session : null;
}

/** Whether the authentication of the app's own session starts no session any more, or comes of a sign-in that such an end holds back. */
async function isHeldBack(context: ServerContext, identity: Identity): Promise<boolean> {
  const known = await sessionOfOwnId(context, identity.id);
  if (known !== null) return endedForGood(context, known);
  const { subject, authenticatedAt, idp } = identity;
  if (subject === undefined || authenticatedAt === undefined) return false;
  if (await isRevoked(context, { subject, authenticatedAt })) return true;
  return (await endAgainst(context, { subject, authenticatedAt, idp, previous: null })) !== null;
}

/** What has become of the session that came of the same sign-in under another id: the app rotates its ids. */
async function sameSignIn(
  context: ServerContext,
  { subject, pseudonym }: Pick<ClaimedSignIn, "subject" | "pseudonym">,
  authenticatedAt: number,
): Promise<SettledSession | null> {
  const under = (person: string) => currentSession(context, sidOfSignIn(context, person, authenticatedAt));
  // It may be of the time before the person had a key of their own.
  const own = pseudonym === undefined ? null : await under(pseudonym);
  const first = own ?? (await under(subject));
  if (first?.status === "active") return first;
  // One that was reauthenticated since, or that another browser began by the same authentication.
  const live = (await liveSessions(context, subject)).find(
    ({ record }) => record.ownId !== undefined && claimOf(record) === authenticatedAt,
  );
  return live ?? first;
}

async function follow(
  context: ServerContext,
  session: SettledSession,
  id: string,
): Promise<SettledSession | null> {
  return whileLive<SettledSession>(context, session, (live) => move(context, live, id));
}

/**
 * The app has given a session a new id.
 * @throws SessionError `id-taken` where the new id has a session already, `no-session` where the old id has no live session
 */
export async function moveSession(context: ServerContext, oldId: string, newId: string): Promise<void> {
  for (const id of [oldId, newId]) refuseNoText("moved() was given", "id", id);
  refuseIllFormed("moved() was given", { oldId, newId });
  const settled = await sessionOfOwnId(context, oldId);
  if (settled?.status !== "active") throw nothingToMove();
  if ((await findOwn(context, newId)) !== null)
    throw new SessionError("id-taken", "moved() was given a new id that has a session of its own already");
  const moved = await whileLive(context, settled, (live) => move(context, live, newId));
  if (moved?.status !== "active") throw nothingToMove();
}

function nothingToMove(): SessionError {
  return new SessionError("no-session", "moved() found no live session under the old id");
}

async function move(context: ServerContext, live: LiveSession, id: string) {
  const { record, now } = live;
  const ownId = seal(context.secret, id);
  const changes = nextChange(record);
  const secretHash = sha256(ownSecret(id));
  return replaceRecorded(context, live, { ...record, secretHash, ownId, changes }, (confirmation) =>
    context.audit.record("session_moved", now, record, { change: changes, ...confirmation }),
  );
}
