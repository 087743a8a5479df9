/** Claims about time that hold on a busy machine too: what is measured is this process's own time, not the machine's. */
import { paceOf } from "../scripts/test/pace.mjs";

const pace = paceOf();

/** A period of milliseconds, longer on a machine that was slow as the tests began. */
export const paced = (period: number): number => Math.round(period * pace);

/** The processor's time, in milliseconds, that this process spends on some work without a pause in it. */
export function cpuTimeOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

const INTERVAL = 5;

/**
 * Watches for how long this process's event loop comes too late, from now on.
 * @returns `since()`: the milliseconds that have passed, without those; `stop()`
 */
export function startStopwatch(): { since(): number; stop(): void } {
  const startedAt = performance.now();
  let lookedAt = startedAt;
  let late = 0;
  const look = () => {
    const now = performance.now();
    late += Math.max(0, now - lookedAt - INTERVAL);
    lookedAt = now;
    return now;
  };
  const timer = setInterval(look, INTERVAL);
  return { since: () => look() - startedAt - late, stop: () => clearInterval(timer) };
}

/** The milliseconds that some work takes, without those in which this process's event loop came too late. */
export async function ownTimeOf(work: () => unknown): Promise<number> {
  const stopwatch = startStopwatch();
  try {
    await work();
    return stopwatch.since();
  } finally {
    stopwatch.stop();
  }
}
