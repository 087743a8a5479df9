/**
 * Where a trail shows that a process was killed: it wrote a change of a session into the store, and was gone before the
 * record. A process that is closed says so (`audit_closed`); one that starts after no such record follows a killed one.
 */
import type { JsonObject } from "../protocol/members.js";
import { instantAt } from "./replay-reading.js";

/** A start that follows no close: what was under way between the record before it and itself may have lost its record. */
interface Crash {
  /** Where the start stands among the records, and its number in the signed log, where it has one. */
  readonly index: number;
  readonly seq: number | null;
  /** The last that the killed process wrote; null: the record before the start is not among those given. */
  readonly from: number | null;
  readonly until: number;
}

/** How many changes of one session a process may have had under way when it was killed. */
const MOST_UNDER_WAY = 4;

export function crashesIn(records: readonly unknown[], app: unknown): readonly Crash[] {
  const all = records as readonly JsonObject[];
  return all.flatMap((record, index) => {
    if (record?.type !== "policy_in_force" || record.app !== app) return [];
    const seq = Number.isSafeInteger(record.seq) ? Number(record.seq) : null;
    const before = recordBefore(all, index, seq);
    if (before === "none" || (before !== null && before.type === "audit_closed")) return [];
    return [{ index, seq, from: before && instantAt(before, "at"), until: instantAt(record, "at") }];
  });
}

/** What the log itself tells of a killed process stands between the two. */
const OF_THE_LOG: readonly unknown[] = ["audit_torn", "audit_gap"];

/** `none`: the start is the first record of its log. Null: the record before it is not given. */
function recordBefore(all: readonly JsonObject[], index: number, seq: number | null) {
  let wanted = seq;
  for (let at = index - 1; at >= 0; at--) {
    const record = all[at];
    if (record === undefined || (wanted !== null && record.seq !== wanted - 1)) continue;
    if (!OF_THE_LOG.includes(record.type)) return record;
    wanted = wanted === null ? null : wanted - 1;
  }
  return wanted === null || wanted === 0 ? "none" : null;
}

/**
 * The crash by which so many changes between two instants may have lost their records; null where there is none. Of a
 * start whose predecessor is not given it is known only that it lies between the two.
 */
export function crashBetween(
  crashes: readonly Crash[],
  { after, before, count }: { readonly after: number; readonly before: number; readonly count: number },
): Crash | null {
  const among = crashes.filter(
    ({ from, until }) => until >= after && (from === null ? until <= before : from <= before),
  );
  return count <= among.length * MOST_UNDER_WAY ? (among[0] ?? null) : null;
}
