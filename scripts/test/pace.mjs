// How much slower than the machine of reference this one is at this moment. Only Node's own modules.
import { createHash } from "node:crypto";

/** A number from 1 on in the environment sets the pace; it is not measured then. */
export const PACE = "TEST_PACE";

/** What one round takes where the limits of the tests were chosen, with nothing else running there. */
const REFERENCE = 28;
const HASHES = 20_000;
/** What a round varies by on a quiet machine. */
const NOISE = 1.5;
const MOST = 12;

/**
 * The pace that is set, or that is measured now.
 * @param rounds of about 30 ms each; the slowest but one counts, for one can be unlucky
 * @returns 1 to 12: what takes a second there takes so many here
 */
export function paceOf({ rounds = 4, environment = process.env } = {}) {
  const set = Number(environment[PACE]);
  return set >= 1 ? set : measurePace(rounds);
}

/** Measures the pace, whatever is set. */
export function measurePace(rounds = 4) {
  const times = Array.from({ length: rounds }, timeOfRound).sort((a, b) => b - a);
  const factor = (times[1] ?? times[0]) / REFERENCE;
  return factor < NOISE ? 1 : Math.min(MOST, Math.round(factor * 10) / 10);
}

function timeOfRound() {
  const startedAt = performance.now();
  let hash = Buffer.alloc(32);
  for (let i = 0; i < HASHES; i++) hash = createHash("sha256").update(hash).digest();
  return performance.now() - startedAt;
}
