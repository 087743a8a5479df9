/**
 * Who holds the signals of one session: each connection has a signal of its own, which goes with it. Where nobody can
 * tell when a connection is done, the signal stays for as long as the app listens to it or has it.
 */
import { getEventListeners } from "node:events";
import { systemClock } from "../platform/clock.js";
import type { Connection } from "./context.js";

export interface Holders {
  /** A signal for that connection. */
  add(connection: Connection): AbortSignal;
  abort(reason: Error): void;
  /** Lets go of signals that nobody can hear any more; whether any is left. */
  letGo(): boolean;
}

interface Holder {
  /** Set where the signal must not be lost although the app has let go of it: it listens to it. */
  strong: AbortSignal | null;
  readonly weak: WeakRef<AbortSignal>;
  /** Until then the signal is kept in any case, by the process's monotonic clock. */
  keptUntil: number;
}

/** How long a signal is kept in any case where nobody can tell when its connection is done: longer than most answers take. */
const KEEP_PERIOD = 60_000;

/** A signal keeps the controller that can abort it, and not the other way round. */
const controllers = new WeakMap<AbortSignal, AbortController>();

/** @param onEmpty called when the last signal has gone by itself */
export function createHolders(onEmpty: () => void): Holders {
  const holders = new Set<Holder>();
  const remove = (holder: Holder) => {
    if (holders.delete(holder) && holders.size === 0) onEmpty();
  };
  return {
    add(connection) {
      const controller = new AbortController();
      const { signal } = controller;
      controllers.set(signal, controller);
      const holder = { strong: signal, weak: new WeakRef(signal), keptUntil: Number.POSITIVE_INFINITY };
      holders.add(holder);
      const tellsAnswers = connection.onClosed((isAnswered) => {
        if (!isAnswered) return remove(holder);
        // Work that goes on after the answer hears of the end for as long as it listens.
        holder.keptUntil = 0;
      });
      if (!tellsAnswers) holder.keptUntil = Math.min(holder.keptUntil, systemClock.monotonic() + KEEP_PERIOD);
      return signal;
    },
    abort(reason) {
      for (const { weak } of holders) {
        const signal = weak.deref();
        if (signal !== undefined) controllers.get(signal)?.abort(reason);
      }
      holders.clear();
    },
    letGo() {
      const now = systemClock.monotonic();
      for (const holder of holders) {
        if (now < holder.keptUntil) continue;
        const signal = holder.weak.deref();
        if (signal === undefined) holders.delete(holder);
        else holder.strong = getEventListeners(signal, "abort").length > 0 ? signal : null;
      }
      return holders.size > 0;
    },
  };
}
