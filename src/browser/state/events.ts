/** What the client tells of, and the time it gives the app to save. */
import type { Clock } from "../platform/clock.js";
import type { SessionClient, SessionClientEvents } from "../platform/session-client.types.js";

interface ClientEvents {
  readonly on: SessionClient["on"];
  emit<Name extends keyof SessionClientEvents>(name: Name, event: SessionClientEvents[Name]): void;
  /** Tells that the end is near or has come. Resolves once the app has saved, or after 5 s. */
  beforeEnd(phase: "soon" | "ended"): Promise<void>;
}

/** Nobody waits longer for an app that saves. */
const SAVING_TIMEOUT = 5000;

export function createClientEvents(clock: Pick<Clock, "after">): ClientEvents {
  const listeners = new Map<string, Set<(event: never) => void>>();

  function emit<Name extends keyof SessionClientEvents>(name: Name, event: SessionClientEvents[Name]): void {
    for (const listener of [...(listeners.get(name) ?? [])])
      callSafely(() => (listener as (event: SessionClientEvents[Name]) => void)(event));
  }
  return {
    emit,
    on(name, listener) {
      const set = listeners.get(name) ?? new Set();
      listeners.set(name, set.add(listener));
      return () => void set.delete(listener);
    },
    beforeEnd(phase) {
      const savings: Promise<unknown>[] = [];
      emit("before-end", { phase, waitUntil: (saving) => void savings.push(saving) });
      if (savings.length === 0) return Promise.resolve();
      return new Promise((resolve) => {
        const stop = clock.after(SAVING_TIMEOUT, resolve);
        void Promise.allSettled(savings).then(() => {
          stop();
          resolve();
        });
      });
    },
  };
}

/** A listener's error is the page's to report and never stops the client. */
export function callSafely(act: () => void): void {
  try {
    act();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
