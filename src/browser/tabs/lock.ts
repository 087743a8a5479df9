/** One tab at a time, but never waiting for ever: a tab that froze while it held the lock must not silence the others. */
import type { Clock } from "../platform/clock.js";

export type TabLock = <Result>(task: () => Promise<Result>) => Promise<Result>;

/** Runs `task` once no other tab of the app `name` does, and keeps the others waiting until `signal`; never without locks. */
export function holdEvents(name: string, signal: AbortSignal, task: () => void): void {
  globalThis.navigator?.locks
    ?.request(`curfew:${name}:events`, { signal }, () => {
      task();
      return new Promise<void>((release) => signal.addEventListener("abort", () => release()));
    })
    // Given up while another tab held it.
    .catch(() => {});
}

/** Longer than a request's timeout, so a slow holder is waited for and only a dead one is passed by. */
const LOCK_TIMEOUT = 20_000;

/** The lock of the app `name`. Where the browser has no locks, or the wait was too long, the task just runs. */
export function createTabLock(name: string, clock: Pick<Clock, "after">): TabLock {
  return async <Result>(task: () => Promise<Result>): Promise<Result> => {
    const locks = globalThis.navigator?.locks;
    if (locks === undefined) return task();
    const waiting = new AbortController();
    const stopWaiting = clock.after(LOCK_TIMEOUT, () => waiting.abort());
    const work: Promise<Result>[] = [];
    const listening = new AbortController();
    // A page that is kept for the back button while it holds a lock is thrown out when another one asks for it.
    const left = new Promise<void>((resolve) => {
      globalThis.addEventListener?.("pagehide", () => resolve(), { signal: listening.signal });
    });
    try {
      await locks.request(`curfew:${name}`, { signal: waiting.signal }, () => {
        stopWaiting();
        work.push(task());
        return Promise.race([...work, left]);
      });
    } catch (error) {
      if (work.length > 0) throw error;
    } finally {
      stopWaiting();
      listening.abort();
    }
    return work[0] ?? task();
  };
}
