/** Loads a page anew that shows what belongs to somebody else by now, and stops no form on its way. */
import type { Clock } from "../platform/clock.js";

interface Reload {
  /** A form was sent: most often the page is about to be left for the answer. */
  noteSent(): void;
  /** At once or, where a form was just sent, when it has had its time; a page that has gone by then is left alone. */
  reload(): void;
}

/** How long the answer to a form, and the page that it leads to, may take to begin. */
const SENDING_PERIOD = 5000;

/** @param load loads the page anew, and so stops whatever else is being loaded in its place */
export function createReload(clock: Pick<Clock, "monotonic" | "after">, load: () => void): Reload {
  let sentAt = Number.NEGATIVE_INFINITY;
  let stop = () => {};
  return {
    noteSent() {
      sentAt = clock.monotonic();
    },
    reload() {
      stop();
      const rest = sentAt + SENDING_PERIOD - clock.monotonic();
      if (rest > 0) stop = clock.after(rest, load);
      else load();
    },
  };
}
