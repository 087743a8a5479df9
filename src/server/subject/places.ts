/** The policy's `maxSessions`: a sign-in takes a place among the subject's sessions before its session is written. */

import { changeSubject } from "../lifecycle/change-subject.js";
import type { ServerContext } from "../lifecycle/context.js";
import { forgetSession } from "../lifecycle/forget-session.js";
import { isOutdated } from "../lifecycle/pseudonym.js";
import { currentSession, endSession, settleSession } from "../lifecycle/settle.js";
import { isProviderOver, rememberBegun } from "../lifecycle/timed-out.js";
import { unlessUnknown } from "../lifecycle/unconfirmed.js";
import { SessionError } from "../platform/errors.js";
import type { LiveSession } from "../record/outcome.js";
import type { SessionRecord } from "../record/session.js";
import type { Place, SubjectRecord } from "../record/subject.js";
import { revoked } from "./beginning.js";
import { allOf, liveSessions, settleEach } from "./sessions.js";

/** How long a sign-in that has taken its place may take until its record is there. */
const SIGN_IN_PERIOD = 10_000;

/**
 * Writes the record of a session that begins, in its place among the subject's.
 * @param tell says in the trail that it may have begun: where the store does not answer, and where it ends at once
 * @throws SessionError `too-many-sessions`, `revoked`, `id-taken`
 */
export async function insertSession(
  context: ServerContext,
  record: SessionRecord,
  tell: () => void,
): Promise<LiveSession> {
  if (await isProviderOver(context, record)) throw revoked();
  await rememberBegun(context, record);
  await takePlace(context, record);
  if ((await unlessUnknown(() => context.store.insert(record), tell)) === "exists") {
    await leavePlace(context, record);
    throw new SessionError("id-taken", "a session of this id exists already: give each session a new id");
  }
  // Nobody gets the cookie before this is known: what was ended meanwhile has ended this sign-in.
  const { left, found } = await unlessUnknown(() => lookAgain(context, record), tell);
  if (left !== null) return left;
  tell();
  const ended = await endSession(context, record.sid, "revoked");
  if (ended !== null && isOutdated(context, record.pseudonym, found?.subject ?? null))
    await forgetSession(context, ended.record);
  throw revoked();
}

/** The session as it is now, where it still may begin; null where something has ended it meanwhile. */
async function lookAgain(context: ServerContext, record: SessionRecord) {
  const [, found] = await Promise.all([context.everybody.ask(), context.store.find(record.sid)]);
  const settled = found && (await settleSession(context, found));
  const isLeft = settled?.status === "active" && hasPlace(context, record.sid, found?.subject ?? null);
  const isOver = !isLeft || (await isProviderOver(context, record));
  return { left: isOver ? null : settled, found };
}

/**
 * Takes a place for a sign-in, under the epoch in which it began.
 * @throws SessionError `too-many-sessions`, `revoked`
 */
async function takePlace(context: ServerContext, session: SessionRecord): Promise<void> {
  const { policy } = context;
  const { sid } = session;
  if (policy.maxSessions === null) return;
  const most = policy.maxSessions;
  await changeSubject(context, session, async (record, now) => {
    if (record.epoch !== session.epoch) throw revoked();
    const taken = await placesTaken(context, record, now);
    const surplus = taken.length + 1 - most;
    if (surplus > 0 && policy.onLimit === "deny") {
      context.audit.record("session_denied", now, session, { code: "too-many-sessions" });
      throw new SessionError(
        "too-many-sessions",
        `this subject has ${taken.length} sessions, and the policy allows ${most}: end one of them first`,
      );
    }
    const oldest = taken.slice(0, Math.max(0, surplus));
    await allOf(settleEach(oldest, (place) => endSession(context, place.sid, "replaced")));
    return { ...record, places: [...taken.slice(oldest.length), { sid, takenAt: now }] };
  });
}

/** Whether nobody has taken the place of this session since. */
function hasPlace({ policy }: ServerContext, sid: string, subject: SubjectRecord | null): boolean {
  return policy.maxSessions === null || (subject?.places ?? []).some((place) => place.sid === sid);
}

/** The sign-in came to nothing: its place is free again. */
async function leavePlace(context: ServerContext, session: SessionRecord): Promise<void> {
  if (context.policy.maxSessions === null) return;
  await changeSubject(context, session, (record) => ({
    ...record,
    places: record.places.filter(({ sid }) => sid !== session.sid),
  }));
}

/** The places of live sessions, whoever wrote them, and of sign-ins that are about to write theirs; the oldest first. */
async function placesTaken(
  context: ServerContext,
  record: SubjectRecord,
  now: number,
): Promise<readonly Place[]> {
  const live = await liveSessions(context, record.subject);
  const places = live.map(({ record: { sid, startedAt } }) => ({ sid, takenAt: startedAt }));
  const known = new Set(places.map(({ sid }) => sid));
  for (const place of record.places) {
    if (known.has(place.sid) || now >= place.takenAt + SIGN_IN_PERIOD) continue;
    // Asked for by name and after the list: a record that comes between two readings is counted all the same.
    const session = await currentSession(context, place.sid);
    if (session?.status !== "ended") places.push(place);
  }
  return places.sort((a, b) => a.takenAt - b.takenAt);
}
