/** A clock that tests move by hand. */
import type { Clock } from "../../../src/server/clock.js";

export interface TestClock extends Clock {
  /** Real time passes: both clocks go on. */
  advance(duration: number): void;
  /** Somebody sets the wall clock; the monotonic one goes on as before. */
  step(duration: number): void;
}

export function createTestClock(startAt = Date.UTC(2026, 0, 1)): TestClock {
  let wall = startAt;
  let monotonic = 0;
  return {
    now: () => wall,
    monotonic: () => monotonic,
    advance(duration) {
      wall += duration;
      monotonic += duration;
    },
    step(duration) {
      wall += duration;
    },
  };
}
