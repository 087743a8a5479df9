/** The server's clocks and timers; the only file of the server that names the platform's. */

/** The longest duration that a JavaScript timer can hold: about 24.8 days. */
export const MAX_DURATION = 2 ** 31 - 1;

/** Two local clocks, in milliseconds: the wall clock since the epoch, and one that never steps. */
export interface Clock {
  now(): number;
  monotonic(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
};

/** An instant as logs and audit records write it: ISO 8601, UTC, milliseconds. */
export function isoInstant(instant: number): string {
  return new Date(instant).toISOString();
}

/** How far the wall clock may stray from the monotonic one before it counts as a step. */
export const STEP_TOLERANCE = 1_000;

/** Told of each step of a clock once: its size in milliseconds (negative: back), and the time that goes on. */
export type StepListener = (step: number, now: number) => void;

/**
 * A wall clock that never runs back: where the wall clock is set back, time goes on from the highest value seen by the
 * monotonic clock, so a session gains no life. A step forward is followed.
 * @param floor the highest time already known, for example from before a restart
 */
export function steadyClock(clock: Clock, onStep: StepListener = () => {}, floor = 0): () => number {
  let highest = Math.max(floor, Math.floor(clock.now()));
  let seenAt = clock.monotonic();
  let wasBehind = false;
  return () => {
    const wall = clock.now();
    const monotonic = clock.monotonic();
    const expected = highest + (monotonic - seenAt);
    const step = wall - expected;
    const behind = step < -STEP_TOLERANCE;
    const stepped = behind ? !wasBehind : step > STEP_TOLERANCE;
    wasBehind = behind;
    const next = Math.floor(behind ? expected : wall);
    if (next > highest) {
      // The fraction of a millisecond that the result drops stays in the reckoning.
      seenAt = behind ? monotonic - (expected - next) : monotonic;
      highest = next;
    }
    if (stepped) onStep(Math.round(step), highest);
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

/** As it was at the start: whoever fakes timers in a test moves the time, and not the turns of the event loop. */
const { setImmediate: nextTurn } = globalThis;

/** Calls back once what has arrived by now was read. */
export function afterThisTurn(task: () => void): void {
  nextTurn(task);
}

/** How many looks `within` takes until the time is up. */
const LOOKS = 20;

const NOTHING = Promise.resolve();

/**
 * The promise, or a rejection with `late()` once `budget` milliseconds have passed in which this process could have
 * heard an answer. Where its event loop stands still, timers fire before what has arrived is read: so the time is
 * counted in small steps, a step that took longer counts as two, and after each the loop reads first.
 */
export function within<T>(budget: number, promise: Promise<T>, late: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    let isSettled = false;
    let stop = () => {};
    const settled = () => {
      isSettled = true;
      stop();
    };
    promise.then(settled, settled);
    promise.then(resolve, reject);
    // What is settled already has taken its turn by then, and needs no timer.
    void NOTHING.then(() => {
      if (!isSettled) stop = startLimit(budget, () => reject(late()));
    });
  });
}

/** @returns what to call where the answer has come */
function startLimit(budget: number, onLate: () => void): () => void {
  const step = budget / LOOKS;
  let left = budget;
  let stop = () => {};
  const look = () => {
    if (left <= 0) return onLate();
    const startedAt = systemClock.monotonic();
    const timer = setTimeout(
      () => {
        const turn = setImmediate(look);
        stop = () => clearImmediate(turn);
        left -= Math.min(systemClock.monotonic() - startedAt, 2 * step);
      },
      Math.min(step, left),
    );
    stop = () => clearTimeout(timer);
  };
  look();
  return () => stop();
}

/** Calls back once after `wait` milliseconds (a longer wait than a timer holds is cut short). Never keeps the process alive. */
export function later(wait: number, task: () => Promise<void>): () => void {
  const timer = setTimeout(() => void task(), Math.min(Math.max(0, wait), MAX_DURATION));
  timer.unref();
  return () => clearTimeout(timer);
}

/** Lets so many milliseconds pass, and nothing else happen meanwhile. Not by a timer: tests fake those. */
export function passMilliseconds(duration: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, duration);
}
