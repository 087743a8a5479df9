/** Events that speak for themselves: so many of them within a time, by default the first one. */
import type { WatchRules } from "../policy/watch.types.js";
import { evidenceOf, type Seen, type Step, seqOf } from "./rule.js";

/** The last events, the oldest first. */
export interface Occurrences {
  readonly ats: readonly number[];
  readonly seqs: readonly (number | null)[];
}

/** No rule needs to know of more. */
const MOST_KEPT = 50;

/** One event more; those that are too old go. */
export function addOccurrence(state: Occurrences | undefined, seen: Seen, within: number): Occurrences {
  const { ats, seqs } = state ?? { ats: [], seqs: [] };
  const from = ats.findIndex((at) => at > seen.at - within);
  const kept = from < 0 ? ats.length : from;
  return {
    ats: [...ats.slice(kept), seen.at].slice(-MOST_KEPT),
    seqs: [...seqs.slice(kept), seqOf(seen)].slice(-MOST_KEPT),
  };
}

/** @param because what a single one says */
export function occurred(
  state: Occurrences | undefined,
  seen: Seen,
  { times, within }: WatchRules["forged"],
  because: string,
): Step<Occurrences> {
  const next = addOccurrence(state, seen, within);
  const { ats, seqs } = next;
  const [since = seen.at] = ats;
  const finding = { since, count: ats.length, evidence: evidenceOf(seqs), because };
  return { state: next, finding: ats.length >= times ? finding : null };
}
