/** Which receivers are left alone for a while: one that is down is not asked again for each message that it has not had. */

interface Pauses<To> {
  /** Until when the receiver is left alone; null where it may be told now. */
  until(to: To, now: number): number | null;
  /** It is down. @param wait for how long it wants to be left alone; null where it does not say */
  begin(to: To, now: number, wait: number | null): void;
  /** It has taken something. */
  end(to: To): void;
}

const FIRST_PAUSE = 1_000;
const LAST_PAUSE = 60_000;

/** @param receivers who can be told from here: others are left to nodes that can */
export function createPauses<To>(receivers: readonly To[]): Pauses<To> {
  const pauses = new Map<To, { readonly until: number; readonly count: number }>();
  return {
    until(to, now) {
      if (!receivers.includes(to)) return now + LAST_PAUSE;
      const until = pauses.get(to)?.until ?? 0;
      return now < until ? until : null;
    },
    begin(to, now, wait) {
      const { until = 0, count = 0 } = pauses.get(to) ?? {};
      // Of several that were under way at once only the first counts.
      const next = now < until ? count : count + 1;
      const pause = wait ?? Math.min(FIRST_PAUSE * 2 ** (next - 1), LAST_PAUSE);
      pauses.set(to, { until: Math.max(until, now + pause), count: next });
    },
    end: (to) => void pauses.delete(to),
  };
}
