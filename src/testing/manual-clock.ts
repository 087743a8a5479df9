/** The time of a test session: it stands still until it is moved. */
import type { Clock } from "../browser/platform/clock.js";

export interface ManualClock extends Clock {
  /** Time passes. Timers run in their order, and what one starts is finished before the next one. */
  advance(duration: number): Promise<void>;
  /** The machine sleeps: the wall clock goes on, timers and the monotonic clock stand still. */
  sleep(duration: number): void;
  /** Time passes and nothing runs: the main thread is busy. */
  block(duration: number): void;
  /** How many timers are set. */
  readonly timerCount: number;
}

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** @param settle resolves when nothing is under way any more */
export function createManualClock(startAt: number, settle: () => Promise<void>): ManualClock {
  const timers = new Set<Timer>();
  let monotonic = 0;
  let wallOffset = startAt;

  function takeDue(until: number): Timer | undefined {
    const [due] = [...timers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at);
    if (due !== undefined) timers.delete(due);
    return due;
  }

  return {
    monotonic: () => monotonic,
    wall: () => monotonic + wallOffset,
    random: () => 0,
    timingOf: () => null,
    after(delay, callback) {
      const timer = { at: monotonic + Math.max(0, delay), callback };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    async advance(duration) {
      const end = monotonic + duration;
      await settle();
      for (let due = takeDue(end); due !== undefined; due = takeDue(end)) {
        monotonic = Math.max(monotonic, due.at);
        due.callback();
        await settle();
      }
      monotonic = end;
    },
    sleep(duration) {
      wallOffset += duration;
    },
    block(duration) {
      monotonic += duration;
    },
    get timerCount() {
      return timers.size;
    },
  };
}
