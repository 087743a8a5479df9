/** The first and the last record of a session: what it began as, and whether it ended when it had to. */
import type { JsonObject } from "../protocol/members.js";
import { deadlinesOf, endsAtOf } from "../session/deadlines.js";
import { NO_DOUBT, type Replayed, type Turn } from "./replay.types.js";
import {
  Fault,
  instantAt,
  need,
  needDeadline,
  needNumberIn,
  timesIn,
  toldText,
  withStricter,
} from "./replay-reading.js";

export const BEGINNINGS: readonly unknown[] = ["session_created", "session_adopted"];
export const END_TYPES: ReadonlyMap<unknown, readonly string[]> = new Map([
  ["session_expired", ["idle", "absolute"]],
  ["session_logout", ["signed-out"]],
  ["session_revoked", ["revoked"]],
  ["session_replaced", ["replaced"]],
]);

export function begun(turn: Turn): Replayed {
  const { record, at } = turn;
  if (!BEGINNINGS.includes(record.type) && record.change !== undefined) return begunLate(turn);
  if (record.change === undefined || record.nonce === undefined)
    throw new Fault(
      "no-evidence",
      "the session began under a release before 0.4.0, or its beginning is not there",
    );
  need(record.v === 1, "shape", "the record is of an unknown version");
  need(record.change === 1, "missing", "the beginning is not the first change");
  const times = timesIn(record);
  const startedAt = instantAt(record, "startedAt");
  need(startedAt === at, "times", "the session began at another time than it was recorded");
  need(
    times.lastActiveAt <= at && times.authenticatedAt <= at,
    "times",
    "activity or authentication lies ahead",
  );
  needDeadline(record, times);
  const { app, subject } = record;
  const nonce = { hash: toldText(record, "nonce") };
  const { lastActiveAt: lastInputAt } = times;
  return {
    ...times,
    app,
    subject,
    change: 1,
    at,
    startedAt,
    lastInputAt,
    nonce,
    key: null,
    end: null,
    doubt: NO_DOUBT,
    isLate: false,
  };
}

/** A session whose beginning was lost in a crash: nobody had its cookie yet, so its end tells all that there is. */
function begunLate(turn: Turn): Replayed {
  const { record, at } = turn;
  const missing = "the records before this one, with the session's beginning, are not there";
  if (!END_TYPES.has(record.type) || record.authenticatedAt === undefined)
    throw new Fault("missing", missing);
  const change = needNumberIn(record);
  const times = timesIn(record);
  const { lastActiveAt: startedAt } = times;
  turn.lose({ change: 0, at: startedAt }, change);
  const { app, subject } = record;
  const known = { app, subject, change, at, startedAt, lastInputAt: startedAt, nonce: null, key: null };
  const state = { ...times, ...known, end: null, doubt: NO_DOUBT, isLate: record.late === true };
  return { ...state, end: endIn(state, turn) };
}

/** A crash between the record of an end and the note of it leads to a second one, which says the same; one of the two is late. */
export function isToldAgain({ change, end, isLate }: Replayed, record: JsonObject): boolean {
  if (end === null || !(isLate || record.late === true)) return false;
  if (!END_TYPES.has(record.type) || record.change !== change) return false;
  return record.reason === end.reason && instantAt(record, "endedAt") === end.endedAt;
}

export function endIn(state: Replayed, { record, at, policy }: Turn): NonNullable<Replayed["end"]> {
  const reason = toldText(record, "reason");
  need(
    END_TYPES.get(record.type)?.includes(reason) === true,
    "shape",
    "the reason is not that of such an end",
  );
  const told = timesIn(record);
  const { doubt } = state;
  const isSame = (is: number, known: number, isUnknown: boolean) => is === known || (isUnknown && is > known);
  need(
    isSame(told.authenticatedAt, state.authenticatedAt, doubt.terms) &&
      isSame(told.lastActiveAt, state.lastActiveAt, isDoubtful(state)) &&
      told.lastActiveAt <= at,
    "times",
    "the end counts from other times than the session's",
  );
  const { cause, ...deadlines } = deadlinesOf({ ...withStricter(state, record), ...told });
  const endsAt = endsAtOf(deadlines, policy.enforceFromAt);
  const endedAt = instantAt(record, "endedAt");
  need(
    endedAt <= at && endedAt >= state.startedAt,
    "times",
    "the end lies after its record, or before the beginning",
  );
  if (reason === "idle" || reason === "absolute")
    need(
      endedAt === endsAt && reason === cause,
      "times",
      "the session ended at another time than its deadline",
    );
  else need(endedAt < endsAt, "times", "its deadline had passed, and the end says otherwise");
  return { reason, endedAt };
}

export function isDoubtful({ doubt }: Pick<Replayed, "doubt">): boolean {
  return doubt.activity || doubt.terms;
}
