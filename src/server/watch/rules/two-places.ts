/** `two-places`: one key signs in two browsers that make each other's nonces stale, as after a profile was copied. */

import type { WatchFinding } from "../alert.js";
import { addOccurrence, type Occurrences } from "../occurrences.js";
import { bySession, evidenceOf, type Seen, watchRule } from "../rule.js";

interface Turns {
  readonly stale: Occurrences;
  /** The stale nonces, hashed. */
  readonly nonces: readonly string[];
  /** How many heartbeats were accepted since the first stale one. */
  readonly accepted: number;
  /** Whether one was accepted since the last stale one. */
  readonly isOthersTurn: boolean;
  /** Where the last accepted one came from. */
  readonly acceptedFrom: string | undefined;
  /** How many stale ones came from another place than the one that was accepted before. */
  readonly elsewhere: number;
}

const MOST_KEPT = 20;

export const twoPlaces = watchRule<"two-places", Turns>({
  name: "two-places",
  severity: "error",
  scope: "session",
  reads: ["session_renewed", "heartbeat_refused"],
  key: bySession,
  step(state, seen, { times, within, share }) {
    const { type, code, signed, staleNonce, from } = seen.record;
    if (type === "session_renewed") {
      if (state === undefined) return null;
      const accepted = state.accepted + 1;
      return { state: { ...state, accepted, isOthersTurn: true, acceptedFrom: from } };
    }
    if (code !== "stale-nonce" || signed !== true || staleNonce === undefined) return null;
    const last = state?.stale.ats.at(-1);
    if (state === undefined || last === undefined || last <= seen.at - within)
      return { state: begun(seen, staleNonce, within) };
    // The same nonce again, or two in a row, is a browser that has not had an answer.
    if (state.nonces.includes(staleNonce) || !state.isOthersTurn) return null;
    const isElsewhere = from !== undefined && state.acceptedFrom !== undefined && from !== state.acceptedFrom;
    const next = {
      ...state,
      stale: addOccurrence(state.stale, seen, within),
      nonces: [...state.nonces, staleNonce].slice(-MOST_KEPT),
      isOthersTurn: false,
      elsewhere: state.elsewhere + Number(isElsewhere),
    };
    const count = next.stale.ats.length;
    const isTwo = next.elsewhere >= times - 1 || count >= share * next.accepted;
    return { state: next, finding: count >= times && isTwo ? found(next) : null };
  },
});

function begun(seen: Seen, staleNonce: string, within: number): Turns {
  return {
    stale: addOccurrence(undefined, seen, within),
    nonces: [staleNonce],
    accepted: 0,
    isOthersTurn: false,
    acceptedFrom: undefined,
    elsewhere: 0,
  };
}

function found({ stale: { ats, seqs }, elsewhere, accepted }: Turns): WatchFinding {
  const where = elsewhere > 0 ? "from two places" : "from one place";
  const because = `${ats.length} stale heartbeats that the key has signed, in turn with ${accepted} accepted ones, ${where}`;
  return { since: ats[0] ?? 0, count: ats.length, evidence: evidenceOf(seqs), because };
}
