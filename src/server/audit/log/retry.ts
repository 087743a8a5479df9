/** When somebody who gave no answer is asked again: after a second, then after twice as long each time. */
import { systemClock } from "../../platform/clock.js";

export const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 600_000;

export interface Retry {
  isDue(): boolean;
  /** @returns whether it is the first time since they last answered */
  failed(): boolean;
  answered(): void;
}

export function retryPauses(): Retry {
  let pause = 0;
  let againAt = 0;
  return {
    isDue: () => againAt <= systemClock.monotonic(),
    failed() {
      const isFirst = pause === 0;
      pause = Math.min(Math.max(FIRST_PAUSE, 2 * pause), LONGEST_PAUSE);
      againAt = systemClock.monotonic() + pause;
      return isFirst;
    },
    answered() {
      pause = 0;
    },
  };
}
