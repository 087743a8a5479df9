/** What the visible clock shows: never more than is left. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** How finely the clock shows this much time: minutes, then 10 s from 2 min on, then 1 s in the last minute (calm: 10 s). */
export function stepOf(remaining: number, calm: boolean): number {
  if (remaining >= 2 * MINUTE) return MINUTE;
  return calm || remaining > MINUTE ? 10 * SECOND : SECOND;
}

/** The time that the clock shows, rounded down. Milliseconds. */
export function shownTime(remaining: number, calm: boolean): number {
  const step = stepOf(remaining, calm);
  return Math.floor(remaining / step) * step;
}
