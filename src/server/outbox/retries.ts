/** When what was not taken is tried again, and for how long: the same for ends and for alerts. */

/** While a node tries a message, no other one does. */
export const LEASE_PERIOD = 30_000;
const FIRST_RETRY = 1_000;
const LAST_RETRY = 60 * 60_000;
/** The longest time that a receiver is left alone because it asks for it: 24 h. */
const LONGEST_WAIT = 24 * 60 * 60_000;
/** For how long a message is tried: 3 days. */
export const TRY_PERIOD = 3 * 24 * 60 * 60_000;

/** How long the receiver asks to be left alone, as far as that is heeded; null where it does not ask. */
export function heededWait(asked: number | null): number | null {
  return asked === null ? null : Math.min(asked, LONGEST_WAIT);
}

/** How long to wait after so many tries in vain. @param wait as `heededWait` says */
export function backOffAfter(attempts: number, wait: number | null): number {
  return Math.max(Math.min(FIRST_RETRY * 2 ** (attempts - 1), LAST_RETRY), wait ?? 0);
}

export function isGivenUp({ since }: { readonly since: number }, now: number): boolean {
  return now >= since + TRY_PERIOD;
}
