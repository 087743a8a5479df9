/** Far more sessions end in an hour than in the same hour of other days: what `revoked-en-masse` and `expired-en-masse` share. */
import type { AuditType } from "../audit/audit-record.js";
import type { WatchRules } from "../policy/watch.types.js";
import type { AlertSeverity, WatchFinding } from "./alert.js";
import { byApp, evidenceOf, type Seen, seqOf, type WatchRule, watchRule } from "./rule.js";
import { medianOf } from "./statistics.js";

const HOUR = 3_600_000;
const HOURS_OF_DAY = 24;
const DAYS_KEPT = 28;
const SEQS_KEPT = 20;

interface Hours {
  /** The hour in which the first record came. */
  readonly first: number;
  readonly hour: number;
  readonly count: number;
  readonly since: number;
  readonly seqs: readonly (number | null)[];
  /** How many ended in earlier hours, where any did. */
  readonly before: ReadonlyMap<number, number>;
}

/** @param ends the type of the records that are counted */
export function enMasseRule(
  name: "revoked-en-masse" | "expired-en-masse",
  ends: AuditType,
  severity: AlertSeverity,
): WatchRule {
  return watchRule<typeof name, Hours>({
    name,
    severity,
    scope: "app",
    reads: ["session_created", ends],
    key: byApp,
    step(state, seen, limits) {
      const hour = Math.floor(seen.at / HOUR);
      const current = state ?? { first: hour, hour, count: 0, since: seen.at, seqs: [], before: new Map() };
      // A beginning only says since when there is something to compare with.
      if (seen.record.type !== ends) return state === undefined ? { state: current } : null;
      const next = oneMore(hour > current.hour ? turned(current, hour, seen.at) : current, seen);
      return { state: next, finding: findingIn(next, limits) };
    },
  });
}

function turned({ before, hour, count, ...kept }: Hours, now: number, at: number): Hours {
  const oldest = now - DAYS_KEPT * HOURS_OF_DAY;
  const hours = new Map([...before].filter(([then]) => then >= oldest));
  if (count > 0) hours.set(hour, count);
  return { ...kept, before: hours, hour: now, count: 0, since: at, seqs: [] };
}

function oneMore(state: Hours, seen: Seen): Hours {
  const seqs = [...state.seqs, seqOf(seen)].slice(-SEQS_KEPT);
  return { ...state, count: state.count + 1, seqs };
}

function findingIn(
  { first, hour, count, since, seqs, before }: Hours,
  { ends, factor, days }: WatchRules["revoked-en-masse"],
): WatchFinding | null {
  const known = Math.min(Math.floor((hour - first) / HOURS_OF_DAY), DAYS_KEPT);
  if (count < ends || known < days) return null;
  const usual = medianOf(
    Array.from({ length: known }, (_, day) => before.get(hour - (day + 1) * HOURS_OF_DAY) ?? 0),
  );
  if (count <= factor * usual) return null;
  const because = `${count} in this hour, and usually ${usual} in this hour of the day (${known} days)`;
  return { since, count, evidence: evidenceOf(seqs), because };
}
