/** All time in the browser: two clocks, timers that outlive 24 days, and when a request was on the wire. */

/** Instants of `monotonic()` share their scale with `event.timeStamp`. Milliseconds throughout. */
export interface Clock {
  /** Never runs back, but may stand still while the machine sleeps. */
  monotonic(): number;
  /** The person's clock: may be wrong and may jump. Only ever compared with itself. */
  wall(): number;
  /** 0 to 1, to spread retries. */
  random(): number;
  /** Calls back once, in a task of its own. Returns its own end. */
  after(delay: number, callback: () => void): () => void;
  /** When the last request to `url` since `since` left and when its answer began; null where the browser does not tell. */
  timingOf(url: string, since: number): RequestTiming | null;
}

export interface RequestTiming {
  readonly sentAt: number;
  readonly receivedAt: number;
}

/** The longest delay that a browser's timer keeps; a longer one fires at once. */
const MAX_DELAY = 2 ** 31 - 1;
/** Coarse clocks (1 ms, some 2 ms) may date a request just before the call that made it. */
const TIMING_TOLERANCE = 2;

/** Held until their message is here: nothing else does. */
const channels = new Set<MessageChannel>();

export function createClock(): Clock {
  return {
    monotonic: () => performance.now(),
    wall: () => Date.now(),
    random: () => Math.random(),
    timingOf,
    after(delay, callback) {
      let handle: ReturnType<typeof setTimeout> | undefined;
      let stopped = false;
      const arm = (left: number) => {
        const step = Math.min(left, MAX_DELAY);
        handle = setTimeout(() => runAsTask(() => next(left - step)), step);
      };
      const next = (left: number) => {
        if (!stopped) left > 0 ? arm(left) : callback();
      };
      arm(Math.max(0, delay));
      return () => {
        stopped = true;
        clearTimeout(handle);
      };
    },
  };
}

/**
 * A timer that is set inside a timer's callback counts as nested, and a hidden tab runs nested timers once a minute.
 * A message task has no nesting, so what it arms is late by one second at most.
 * https://developer.chrome.com/blog/timer-throttling-in-chrome-88
 */
function runAsTask(task: () => void): void {
  const channel = new MessageChannel();
  const { port1, port2 } = channel;
  channels.add(channel);
  port1.onmessage = () => {
    port1.close();
    channels.delete(channel);
    task();
  };
  port2.postMessage(0);
}

/** Resolves when `work` is done, or after `timeout`: a person must be warned in time, whatever the network does. */
export function withTimeout(
  work: Promise<void>,
  timeout: number,
  clock: Pick<Clock, "after">,
): Promise<void> {
  return Promise.race([work, new Promise<void>((go) => clock.after(timeout, go))]);
}

/** How long to wait before the next attempt: doubling from `first` to `longest`, spread by half so that tabs don't march in step. */
export function backOff(
  first: number,
  { failures, random }: { readonly failures: number; readonly random: number },
  longest = 10_000,
): number {
  return Math.min(longest, first * 2 ** failures) * (1 + random / 2);
}

function timingOf(url: string, since: number): RequestTiming | null {
  const entry = performance.getEntriesByName(url, "resource").at(-1);
  if (entry === undefined || !("requestStart" in entry) || entry.startTime < since - TIMING_TOLERANCE)
    return null;
  const { requestStart: sentAt, responseStart: receivedAt } = entry as PerformanceResourceTiming;
  return sentAt > 0 && receivedAt >= sentAt ? { sentAt, receivedAt } : null;
}

/** How long a form that was sent may take until a script of the page has its answer. */
const SUBMIT_PERIOD = 30_000;

/** Calls back for each answer that scripts of the page get to what they ask in the next 30 s, the client's own left out. */
export function observeAnswers(callback: () => void): () => void {
  if (typeof PerformanceObserver === "undefined") return () => {};
  const until = performance.now() + SUBMIT_PERIOD;
  const observer = new PerformanceObserver((list) => {
    const entries = list.getEntries() as PerformanceResourceTiming[];
    if (entries.some(({ startTime }) => startTime > until)) observer.disconnect();
    else if (
      entries.some(
        ({ initiatorType, name }) => /^(?:fetch|xml)/.test(initiatorType) && !/[?&]ask=/.test(name),
      )
    )
      callback();
  });
  observer.observe({ type: "resource" });
  return () => observer.disconnect();
}
