/** Asking the server: one question at a time, a second look before an unexpected end, and again until it answers. */

import { backOff, type Clock } from "../platform/clock.js";
import { isVerdict } from "./answers.js";
import type { Answer } from "./transport.js";

interface PollOptions {
  readonly clock: Pick<Clock, "after" | "random">;
  readonly ask: () => Promise<Answer>;
  /** Whether this answer is an end that nobody expects; such a one is asked for twice. */
  readonly isSurprise: (answer: Answer) => boolean;
  /** For how long to wait with this answer because the next one will be final; 0: take it. */
  readonly isEarlyBy: (answer: Answer) => number;
  readonly take: (answer: Answer) => void;
  /** The server answers a question again, after one that it did not. */
  readonly onReturn: () => void;
  /** Whether the tab still wants to know, where the server did not answer. */
  readonly persists: () => boolean;
}

export interface Poll {
  /** Resolves once an answer has been taken. `isFresh`: a question already under way will not do. */
  ask(isFresh?: boolean): Promise<void>;
  /** Asks again after a while, because the server did not answer something else. */
  later(answer: { readonly retryAfter: number }): void;
  /** A question is under way: its answer is worth more than any news that comes before it. */
  readonly isAsking: boolean;
  /** Asks no more by itself. */
  stop(): void;
  /** Asks no more at all, and an answer that is under way changes nothing. */
  close(): void;
}

const FIRST_RETRY_DELAY = 300;

export function createPoll(options: PollOptions): Poll {
  const { clock, take, onReturn, isEarlyBy, isSurprise, persists } = options;
  let current: Promise<void> | null = null;
  let next: Promise<void> | null = null;
  let failures = 0;
  let isMissed = false;
  let cancelRetry: (() => void) | null = null;
  let isClosed = false;

  async function run(): Promise<void> {
    stop();
    if (isClosed) return;
    let answer = await options.ask();
    if (isClosed) return;
    if (isSurprise(answer)) answer = await options.ask();
    if (isClosed) return;
    const early = isEarlyBy(answer);
    if (early > 0) return retryAfter(early);
    take(answer);
    const wasMissed = isMissed;
    isMissed = !isVerdict(answer);
    if (isMissed) {
      failures++;
      return later({ retryAfter: 0, ...answer });
    }
    failures = 0;
    if (wasMissed) onReturn();
  }

  /** What else the server does not answer puts off no question that is due sooner, unless the server says so. */
  function later({ retryAfter: asked }: { retryAfter: number }): void {
    if (isClosed || !persists() || (cancelRetry !== null && asked === 0)) return;
    const delay = backOff(FIRST_RETRY_DELAY, { failures, random: clock.random() });
    retryAfter(Math.max(asked, delay));
  }

  function retryAfter(delay: number): void {
    stop();
    cancelRetry = clock.after(delay, () => void ask());
  }

  function stop(): void {
    cancelRetry?.();
    cancelRetry = null;
  }

  /** The question queued behind the present one, if any, becomes the present one. */
  function follow(): void {
    current = next;
    next = null;
  }

  function ask(isFresh = false): Promise<void> {
    if (current !== null && !isFresh) return current;
    if (current !== null) {
      next ??= current.then(run).finally(follow);
      return next;
    }
    current = run().finally(follow);
    return current;
  }

  return {
    ask,
    later,
    get isAsking() {
      return current !== null;
    },
    stop,
    close() {
      isClosed = true;
      stop();
    },
  };
}
