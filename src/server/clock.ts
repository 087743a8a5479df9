/** The server's clocks and timers; the only file of the server that names the platform's. */

/** Two local clocks, in milliseconds: the wall clock since the epoch, and one that never steps. */
export interface Clock {
  now(): number;
  monotonic(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
};

/** How far the wall clock may stray from the monotonic one before it counts as a step. */
const STEP_TOLERANCE = 1_000;

/**
 * A wall clock that never runs back: where the wall clock is set back, time goes on from the highest value seen by the
 * monotonic clock, so a session gains no life. A step forward is followed.
 * @param onStep told of each step once, with its size in milliseconds (negative: back)
 * @param floor the highest time already known, for example from before a restart
 */
export function steadyClock(
  clock: Clock,
  onStep: (step: number) => void = () => {},
  floor = 0,
): () => number {
  let highest = Math.max(floor, Math.floor(clock.now()));
  let seenAt = clock.monotonic();
  let behind = false;
  return () => {
    const wall = clock.now();
    const monotonic = clock.monotonic();
    const expected = highest + (monotonic - seenAt);
    const step = wall - expected;
    if (step > STEP_TOLERANCE || (step < -STEP_TOLERANCE && !behind)) onStep(Math.round(step));
    behind = step < -STEP_TOLERANCE;
    const next = Math.max(highest, Math.floor(behind ? expected : wall));
    if (next > highest || !behind) {
      highest = next;
      seenAt = monotonic;
    }
    return highest;
  };
}

/** Calls back again and again, `interval` after each call has settled. Never keeps the process alive. */
export function every(interval: number, task: () => Promise<void>): () => void {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const again = () => {
    if (stopped) return;
    timer = setTimeout(() => void task().finally(again), interval);
    timer.unref();
  };
  again();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}

/** The promise, or a rejection with `late()` once `budget` milliseconds have passed. */
export async function within<T>(budget: number, promise: Promise<T>, late: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(late()), budget);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}
