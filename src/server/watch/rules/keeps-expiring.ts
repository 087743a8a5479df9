/** `keeps-expiring`: a person's sessions run out far more often than they are used to. */
import { bySubject, evidenceOf, seqOf, watchRule } from "../rule.js";
import { medianOf } from "../statistics.js";

const DAY = 24 * 3_600_000;
/** The person's last days that had a session. */
const DAYS_KEPT = 30;

interface Days {
  readonly day: number;
  /** The idle ends of this day. */
  readonly count: number;
  readonly since: number;
  readonly seqs: readonly (number | null)[];
  /** Those of the days before, the oldest first. */
  readonly before: readonly number[];
}

export const keepsExpiring = watchRule<"keeps-expiring", Days>({
  name: "keeps-expiring",
  severity: "notice",
  scope: "subject",
  reads: ["session_created", "session_adopted", "session_expired"],
  key: bySubject,
  step(state, seen, { ends, factor, days }) {
    const { record, at } = seen;
    const day = Math.floor(at / DAY);
    const isEnd = record.type === "session_expired" && record.reason === "idle";
    if (!isEnd && state?.day === day) return null;
    const today = dayOf(state, day, at);
    if (!isEnd) return { state: today };
    const count = today.count + 1;
    const seqs = [...today.seqs, seqOf(seen)].slice(-2 * ends);
    const since = today.count === 0 ? at : today.since;
    const next = { ...today, count, seqs, since };
    const usual = medianOf(today.before);
    if (today.before.length < days || count < ends || count <= factor * usual) return { state: next };
    const because = `${count} idle ends today, and usually ${usual} (${today.before.length} days)`;
    return { state: next, finding: { since, count, evidence: evidenceOf(seqs), because } };
  },
});

function dayOf(state: Days | undefined, day: number, at: number): Days {
  if (state?.day === day) return state;
  const before = state === undefined ? [] : [...state.before, state.count].slice(-DAYS_KEPT);
  return { day, count: 0, since: at, seqs: [], before };
}
