/** Time in words: what the visible clock shows, and how a locale says it. The clock never shows more than is left. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;

export interface TimeWords {
  /** A length of time that stands alone, such as "1 minute, 50 seconds". */
  duration(milliseconds: number): string;
  /** The time of day of an instant (milliseconds since the epoch), such as "2:32 PM". */
  clock(at: number): string;
}

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

/** `locale` is a BCP 47 tag; one that no browser can read gives English. */
export function createTimeWords(locale: string): TimeWords {
  const tag = isTag(locale) ? locale : "en";
  const units = (unit: string) => new Intl.NumberFormat(tag, { style: "unit", unit, unitDisplay: "long" });
  const minutes = units("minute");
  const seconds = units("second");
  const list = new Intl.ListFormat(tag, { type: "unit" });
  const clock = new Intl.DateTimeFormat(tag, { timeStyle: "short" });
  return {
    duration(milliseconds) {
      const total = Math.floor(milliseconds / SECOND);
      const whole = Math.floor(total / 60);
      const rest = total % 60;
      const parts = whole > 0 ? [minutes.format(whole)] : [];
      if (rest > 0 || whole === 0) parts.push(seconds.format(rest));
      return list.format(parts);
    },
    clock: (at) => clock.format(at),
  };
}

function isTag(locale: string): boolean {
  try {
    return Intl.getCanonicalLocales(locale).length > 0;
  } catch {
    return false;
  }
}
