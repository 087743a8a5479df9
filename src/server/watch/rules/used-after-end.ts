/** `used-after-end`: an ended session is used from a place that its person was never seen at. */
import { bySubject, evidenceOf, seqOf, watchRule } from "../rule.js";

interface Places {
  /** Where the person has signed in or been active, the oldest first. */
  readonly known: readonly string[];
  /** The session that is used from elsewhere, and its uses. */
  readonly sid: string | null;
  readonly since: number;
  readonly seqs: readonly (number | null)[];
}

const MOST_PLACES = 8;
const NOWHERE: Places = { known: [], sid: null, since: 0, seqs: [] };

export const usedAfterEnd = watchRule<"used-after-end", Places>({
  name: "used-after-end",
  severity: "warning",
  scope: "session",
  reads: [
    "session_created",
    "session_adopted",
    "session_reauthenticated",
    "key_bound",
    "session_renewed",
    "step_up_proven",
    "session_use_after_expire",
  ],
  key: bySubject,
  step(state, seen, { uses }) {
    const { type, from, sid = null } = seen.record;
    if (from === undefined || state?.known.includes(from)) return null;
    const { known } = state ?? NOWHERE;
    if (type !== "session_use_after_expire")
      return { state: { ...(state ?? NOWHERE), known: [...known, from].slice(-MOST_PLACES) } };
    // Of whom nothing is known, nobody can say that a place is another one.
    if (state === undefined) return null;
    const isGoingOn = state.sid === sid;
    const since = isGoingOn ? state.since : seen.at;
    const seqs = [...(isGoingOn ? state.seqs : []), seqOf(seen)].slice(-2 * uses);
    const next = { known, sid, since, seqs };
    if (seqs.length < uses) return { state: next };
    const because = "used after its end from a network or browser that its person was never seen with";
    return { state: next, finding: { since, count: seqs.length, evidence: evidenceOf(seqs), because } };
  },
});
