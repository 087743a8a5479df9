/** The warning's own time: delays, and a clock on the scale of `event.timeStamp`. Deadlines are the client's business. */

export interface Ticker {
  now(): number;
  /** Calls back once. Returns its own end. */
  after(delay: number, callback: () => void): () => void;
}

export const TICKER: Ticker = {
  now: () => performance.now(),
  after(delay, callback) {
    const handle = setTimeout(callback, delay);
    return () => clearTimeout(handle);
  },
};
