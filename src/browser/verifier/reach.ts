/** How a page in sight learns of an end elsewhere: by one stream a browser, or by a question a minute. */
import type { Clock } from "../platform/clock.js";

interface ReachOptions {
  readonly clock: Pick<Clock, "after">;
  /** Opens the stream once no other tab of the app `name` has one, and listens until `signal`. */
  readonly hear: (name: string, signal: AbortSignal, onEvent: (isNews: boolean) => void) => void;
  readonly ask: () => void;
}

export interface Reach {
  /** @param period how soon the page shall learn, in milliseconds; 0: the page is out of sight, or has no session */
  keep(period: number, name: string): void;
}

/** Of the period: so long may the stream be silent, before it is taken for one that does not stand. */
const SILENCE = 5.5;
/** And no longer than leaves time for the answer within a minute. */
const LONGEST_SILENCE = 55_000;

export function createReach({ clock, hear, ask }: ReachOptions): Reach {
  let kept = "";
  let stop = () => {};

  function start(period: number, name: string): void {
    const ending = new AbortController();
    let cancel = () => {};
    const wait = () => {
      cancel();
      cancel = clock.after(Math.min(LONGEST_SILENCE, period * SILENCE), () => {
        stop();
        start(period, name);
        ask();
      });
    };
    stop = () => {
      cancel();
      ending.abort();
    };
    wait();
    hear(name, ending.signal, (isNews) => {
      wait();
      if (isNews) ask();
    });
  }

  return {
    keep(period, name) {
      const next = `${period} ${name}`;
      if (next === kept) return;
      kept = next;
      stop();
      if (period > 0) start(period, name);
    },
  };
}
