/** One tab at a time, but never waiting for ever: a tab that froze while it held the lock must not silence the others. */
import type { Clock } from "./clock.js";

export type TabLock = <Result>(task: () => Promise<Result>) => Promise<Result>;

/** Longer than a request's timeout, so a slow holder is waited for and only a dead one is passed by. */
const LOCK_TIMEOUT = 10_000;

/** The lock of the app `name`. Where the browser has no locks, or the wait was too long, the task just runs. */
export function createTabLock(name: string, clock: Pick<Clock, "after">): TabLock {
  return async (task) => {
    const locks = globalThis.navigator?.locks;
    if (locks === undefined) return task();
    const waiting = new AbortController();
    const stopWaiting = clock.after(LOCK_TIMEOUT, () => waiting.abort());
    let started = false;
    try {
      return await locks.request(`curfew:${name}`, { signal: waiting.signal }, () => {
        started = true;
        stopWaiting();
        return task();
      });
    } catch (error) {
      if (started) throw error;
      return task();
    } finally {
      stopWaiting();
    }
  };
}
