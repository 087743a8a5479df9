/**
 * Ends the sessions of one person, or of everybody, together. First the moment is written down: from then on no check
 * lets one of them pass. Then each gets its tombstone; where that is cut short, the next check or the sweeper goes on.
 */

import type { RequestedEnd } from "../../session/end.js";
import { changeSubject } from "../lifecycle/change-subject.js";
import type { ServerContext } from "../lifecycle/context.js";
import { currentSession } from "../lifecycle/settle.js";
import { passMilliseconds } from "../platform/clock.js";
import { StoreUnavailableError, UnreadableRecordError } from "../platform/errors.js";
import type { SettledSession } from "../record/outcome.js";
import { isNobodys } from "../record/session.js";
import {
  actorOf,
  everybodyOf,
  lastEndedAt,
  type SubjectEnding,
  type SubjectRecord,
  withEnding,
} from "../record/subject.js";
import { refuseNoText } from "./call-values.js";
import { settledSessions, settleEach } from "./sessions.js";
import { refuseIllFormed } from "./well-formed.js";

/** Ends every session of a subject, and every sign-in that has begun. Resolves with how many sessions there were. */
export async function endSubject(
  context: ServerContext,
  subject: string,
  reason: RequestedEnd,
): Promise<number> {
  refuseNoText("endAll() was given", "subject", subject);
  refuseIllFormed("endAll() was given", { subject });
  const whose = { app: context.app, subject };
  return (await endTogether(context, whose, { reason }, settledSessions(context, subject))).ended;
}

/**
 * Ends the other sessions of the subject whose session this is, and every sign-in that has begun. Resolves with how many
 * sessions there were.
 */
export async function endOtherSessions(
  context: ServerContext,
  sid: string,
  reason: RequestedEnd,
): Promise<number> {
  // One that is over is not spared: its tombstone is there before the moment is written down.
  const session = await currentSession(context, sid);
  if (session === null || isNobodys(session.record)) return 0;
  const { subject } = session.record;
  const whose = { app: context.app, subject };
  const others = settledSessions(context, subject);
  return (await endTogether(context, whose, { reason, sparedSid: sid }, others)).ended;
}

/**
 * Ends every session of the app, and every sign-in that has begun.
 * @throws StoreUnavailableError also where a record cannot be read, and so not be ended: once the others are
 */
export async function endEverySession(context: ServerContext): Promise<number> {
  const records = context.store.all(context.app);
  const settled = settleEach(records, async ({ sid, ended }) =>
    ended === null ? currentSession(context, sid) : null,
  );
  return (await endTogether(context, everybodyOf(context.app), { reason: "revoked" }, settled)).ended;
}

/**
 * @param alter what else changes in the moment's own write
 * @returns how many have ended, and the moment that was written down
 */
export async function endTogether(
  context: ServerContext,
  whose: Pick<SubjectRecord, "app" | "subject">,
  ending: Pick<SubjectEnding, "reason" | "sparedSid">,
  settled: AsyncIterable<SettledSession>,
  alter: (record: SubjectRecord) => SubjectRecord = (record) => record,
): Promise<{ readonly ended: number; readonly ending: Pick<SubjectEnding, "epoch" | "endedAt"> }> {
  const by = actorOf(context.by);
  const kept = await changeSubject(context, whose, (record, now) =>
    alter(withEnding(record, { ...ending, ...by, endedAt: now })),
  );
  const endedAt = lastEndedAt(kept);
  await context.everybody.ask();
  let ended = 0;
  try {
    for await (const session of settled)
      if (session.status === "ended" && session.end.reason === ending.reason) ended++;
  } catch (error) {
    if (!(error instanceof UnreadableRecordError)) throw error;
    throw new StoreUnavailableError(`${ended} sessions were ended, and not all: ${error.message}`);
  }
  // An authentication of the very millisecond counts as one from before: whoever signs in after this call is later.
  if ((await context.store.now()) <= endedAt) passMilliseconds(2);
  return { ended, ending: { epoch: kept.epoch, endedAt } };
}
