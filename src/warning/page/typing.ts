/** Whether a person is typing right now: a dialog that opens under their fingers would be answered by the next word. */
import type { Ticker } from "../platform/ticker.js";

export interface TypingGuard {
  /** Whether a key came down a moment ago. */
  isTyping(): boolean;
  /** Whether to hold the dialog back for now. `remaining` in milliseconds. */
  holdsBack(remaining: number): boolean;
  /** The next dialog may wait anew. */
  reset(): void;
}

const PAUSE = 1500;
const LONGEST_WAIT = 10_000;
/** With less time than this left, nothing waits. */
const TOO_LATE = 40_000;

export interface Typing {
  /** Whether a key came down a moment ago. */
  readonly isTyping: () => boolean;
  readonly stop: () => void;
}

/** Hears the keys of the whole page, from now on. */
export function observeTyping(ticker: Ticker): Typing {
  const ending = new AbortController();
  let typedAt = Number.NEGATIVE_INFINITY;
  const onTyping = () => {
    typedAt = ticker.now();
  };
  for (const type of ["keydown", "input", "compositionupdate"])
    addEventListener(type, onTyping, { signal: ending.signal, capture: true, passive: true });
  return { isTyping: () => ticker.now() - typedAt < PAUSE, stop: () => ending.abort() };
}

export function createTypingGuard(ticker: Ticker, isTyping: () => boolean): TypingGuard {
  let wantedAt: number | null = null;
  return {
    isTyping,
    holdsBack(remaining) {
      const now = ticker.now();
      wantedAt ??= now;
      return remaining > TOO_LATE && isTyping() && now - wantedAt < LONGEST_WAIT;
    },
    reset() {
      wantedAt = null;
    },
  };
}
