/** A clock that tests move by hand, for the stores' option `clock`. */
import type { Clock } from "../server/platform/clock.js";
import { type Duration, durationOf } from "./duration.js";

export interface TestClock extends Clock {
  /** Time passes: both clocks go on, by `"25m"` or milliseconds. @throws TypeError for what is neither */
  advance(duration: Duration): void;
  /** Somebody sets the wall clock by so many milliseconds; the monotonic one goes on as before. */
  step(duration: number): void;
}

/**
 * Makes a clock that stands still until it is moved: `memoryStore({ clock })`, `sqliteStore(path, { clock })`.
 * @param startAt milliseconds since the epoch. Default 2026-01-01T00:00:00Z
 */
export function createTestClock(startAt = Date.UTC(2026, 0, 1)): TestClock {
  let wall = startAt;
  let monotonic = 0;
  return {
    now: () => wall,
    monotonic: () => monotonic,
    advance(by) {
      const duration = durationOf(by, "advance()");
      wall += duration;
      monotonic += duration;
    },
    step(duration) {
      wall += duration;
    },
  };
}
