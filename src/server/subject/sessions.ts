/** All the sessions of one person: listed, limited in number, and ended together so that no sign-in slips past. */

import type { ServerContext } from "../lifecycle/context.js";
import { endSession, settleSession } from "../lifecycle/settle.js";
import { type Session, sessionOf } from "../lifecycle/view.js";
import { SessionError, StoreUnavailableError, UnreadableRecordError } from "../platform/errors.js";
import { longestSession } from "../policy/resolve.js";
import type { EndedSession, LiveSession, RequestedEnd } from "../record/outcome.js";
import { type SessionRecord, TOMBSTONE_PERIOD } from "../record/session.js";
import { type Place, SUBJECT_VERSION, type SubjectRecord } from "../record/subject.js";
import { refuseIllFormed } from "./well-formed.js";

/** How long a sign-in that has taken its place may take until its record is there. */
const SIGN_IN_PERIOD = 10_000;
const ATTEMPTS = 200;

/** A sign-in's place among the subject's sessions; `confirm` must agree before anybody gets the cookie. */
export interface TakenPlace {
  /** Whether nobody has ended the subject's sessions, or taken the place, since. */
  confirm(): Promise<boolean>;
}

/** The live sessions among the records, the oldest first. */
async function liveAmong(
  context: ServerContext,
  records: readonly SessionRecord[],
): Promise<readonly LiveSession[]> {
  const live: LiveSession[] = [];
  for (const record of records) {
    const settled = await settleSession(context, { record, now: await context.store.now() });
    if (settled?.status === "active") live.push(settled);
  }
  return live.sort((a, b) => a.record.startedAt - b.record.startedAt);
}

export async function listSessions(context: ServerContext, subject: string): Promise<readonly Session[]> {
  refuseIllFormed("list() was given", { subject });
  const live = await liveAmong(context, await context.store.listBySubject(context.app, subject));
  return live.map(({ record }) => sessionOf(record, context.policy));
}

/**
 * Ends every session of a subject. The epoch moves first: a sign-in that has begun by now and is not yet in the list
 * sees it move and ends itself.
 */
export async function endSubject(
  context: ServerContext,
  subject: string,
  reason: RequestedEnd,
): Promise<number> {
  refuseIllFormed("endAll() was given", { subject });
  await changeSubject(context, subject, (record, now) => ({
    ...record,
    epoch: record.epoch + 1,
    revokedAt: reason === "revoked" ? now : record.revokedAt,
    places: [],
  }));
  return endEach(context, await context.store.listBySubject(context.app, subject), reason);
}

/** Ends the sessions of the same subject but this one. Resolves with how many there were. */
export async function endOtherSessions(
  context: ServerContext,
  sid: string,
  reason: RequestedEnd,
): Promise<number> {
  const found = await context.store.find(sid);
  if (found === null || found.record.app !== context.app) return 0;
  const records = await context.store.listBySubject(context.app, found.record.subject);
  return endEach(
    context,
    records.filter((record) => record.sid !== sid),
    reason,
  );
}

/**
 * Ends every session of the app.
 * @throws StoreUnavailableError also where a record cannot be read, and so not be ended: once the others are
 */
export async function endEverySession(context: ServerContext): Promise<number> {
  let ended = 0;
  try {
    for await (const record of context.store.all(context.app))
      ended += await endEach(context, [record], "revoked");
    return ended;
  } catch (error) {
    if (!(error instanceof UnreadableRecordError)) throw error;
    throw new StoreUnavailableError(`${ended} sessions were ended, and not all: ${error.message}`);
  }
}

async function endEach(
  context: ServerContext,
  records: readonly SessionRecord[],
  reason: RequestedEnd,
): Promise<number> {
  let ended = 0;
  for (const { sid, ended: before } of records) {
    if (before !== null) continue;
    const end: EndedSession | null = await endSession(context, sid, reason);
    if (end?.end.reason === reason) ended++;
  }
  return ended;
}

/**
 * Takes a place for a sign-in: within the policy's `maxSessions`, and under the subject's epoch.
 * @throws SessionError `too-many-sessions`, `revoked`
 */
export async function takePlace(
  context: ServerContext,
  signIn: { readonly subject: string; readonly sid: string; readonly authenticatedAt: number | null },
): Promise<TakenPlace> {
  const { subject, sid, authenticatedAt } = signIn;
  const { record } = await context.store.findSubject(context.app, subject);
  const epoch = record?.epoch ?? 0;
  const revokedAt = record?.revokedAt ?? null;
  if (authenticatedAt !== null && revokedAt !== null && authenticatedAt < revokedAt) throw revoked();
  const isLimited = context.policy.maxSessions !== null;
  if (isLimited) await reserve(context, subject, sid, epoch);
  return {
    async confirm() {
      const { record: now } = await context.store.findSubject(context.app, subject);
      if ((now?.epoch ?? 0) !== epoch) return false;
      return !isLimited || (now?.places ?? []).some((place) => place.sid === sid);
    },
  };
}

/** The sign-in came to nothing: its place is free again. */
export async function leavePlace(context: ServerContext, subject: string, sid: string): Promise<void> {
  if (context.policy.maxSessions === null) return;
  await changeSubject(context, subject, (record) => ({
    ...record,
    places: record.places.filter((place) => place.sid !== sid),
  }));
}

export function revoked(): SessionError {
  return new SessionError(
    "revoked",
    "every session of this subject was ended while the sign-in went on, or after its authentication: ask the person to sign in again",
    401,
  );
}

async function reserve(context: ServerContext, subject: string, sid: string, epoch: number): Promise<void> {
  const { policy } = context;
  const most = policy.maxSessions ?? Number.POSITIVE_INFINITY;
  await changeSubject(context, subject, async (record, now) => {
    if (record.epoch !== epoch) throw revoked();
    const taken = await placesTaken(context, record, now);
    const surplus = taken.length + 1 - most;
    if (surplus > 0 && policy.onLimit === "deny") {
      context.audit.record("session_denied", now, { sid, subject }, { code: "too-many-sessions" });
      throw new SessionError(
        "too-many-sessions",
        `this subject has ${taken.length} sessions, and the policy allows ${most}: end one of them first`,
        403,
      );
    }
    for (const place of taken.slice(0, Math.max(0, surplus)))
      await endSession(context, place.sid, "replaced");
    return { ...record, places: [...taken.slice(Math.max(0, surplus)), { sid, takenAt: now }] };
  });
}

/** The places of live sessions, whoever wrote them, and of sign-ins that are about to write theirs; the oldest first. */
async function placesTaken(
  context: ServerContext,
  record: SubjectRecord,
  now: number,
): Promise<readonly Place[]> {
  // One reading for both: a record that comes between two readings would be counted in neither.
  const records = await context.store.listBySubject(context.app, record.subject);
  const live = await liveAmong(context, records);
  const places = live.map(({ record: { sid, startedAt } }) => ({ sid, takenAt: startedAt }));
  const known = new Set(records.map(({ sid }) => sid));
  const coming = record.places.filter(
    ({ sid, takenAt }) => !known.has(sid) && now < takenAt + SIGN_IN_PERIOD,
  );
  return [...places, ...coming].sort((a, b) => a.takenAt - b.takenAt);
}

async function changeSubject(
  context: ServerContext,
  subject: string,
  change: (record: SubjectRecord, now: number) => SubjectRecord | Promise<SubjectRecord>,
): Promise<void> {
  const { store, app } = context;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const found = await store.findSubject(app, subject);
    const { revision, ...known } = found.record ?? emptySubject(app, subject);
    const next = await change({ ...known, revision }, found.now);
    const purgeAt = Math.max(next.purgeAt, found.now + longestSession(context.policy) + TOMBSTONE_PERIOD);
    if ((await store.replaceSubject({ ...next, purgeAt }, revision)) === "done") return;
  }
  throw new StoreUnavailableError("the sessions of a subject kept changing");
}

function emptySubject(app: string, subject: string): SubjectRecord {
  const nothing = { epoch: 0, revokedAt: null, places: [], purgeAt: 0, revision: 0 };
  return { v: SUBJECT_VERSION, app, subject, ...nothing };
}
