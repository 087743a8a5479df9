/** What the engine knows of languages: time in words, and which of our catalogues is the nearest to a language tag. */
import type { Units } from "./locale.js";

export interface TimeWords {
  /** A length of time that stands alone, such as "1 minute, 50 seconds". Parts of a second are left out. */
  duration(milliseconds: number): string;
  /** The time of day of an instant (milliseconds since the epoch), such as "2:32 PM". */
  clock(at: number): string;
}

/** The units' lengths in seconds, longest first. */
const LENGTHS = { day: 86_400, hour: 3600, minute: 60, second: 1 };
const UNITS = ["day", "hour", "minute", "second"] as const;
type Unit = (typeof UNITS)[number];

/**
 * @param locale A BCP 47 tag; one that no engine can read gives English.
 * @param forms The catalogue's own forms, used where the engine has no data for the language and would speak another.
 */
export function createTimeWords(locale: string, forms?: Units): TimeWords {
  const tag = readTag(locale) === null ? "en" : locale;
  const isKnown = forms === undefined || Intl.NumberFormat.supportedLocalesOf(tag).length > 0;
  const list = new Intl.ListFormat(tag, { type: "unit" });
  const clock = new Intl.DateTimeFormat(isKnown ? tag : "en-GB", { timeStyle: "short" });
  const plural = new Intl.PluralRules(tag);
  const numbers: Partial<Record<Unit, Intl.NumberFormat>> = {};

  function say(count: number, unit: Unit): string {
    if (!isKnown) return (forms[unit][plural.select(count)] ?? "").replace("{count}", String(count));
    // Made at most once each: it takes far longer than to format.
    numbers[unit] ??= new Intl.NumberFormat(tag, { style: "unit", unit, unitDisplay: "long" });
    return numbers[unit].format(count);
  }

  return {
    duration(milliseconds) {
      let rest = Math.floor(milliseconds / 1000);
      const parts: string[] = [];
      for (const unit of UNITS) {
        const count = Math.floor(rest / LENGTHS[unit]);
        rest %= LENGTHS[unit];
        if (count > 0 || (unit === "second" && parts.length === 0)) parts.push(say(count, unit));
      }
      return isKnown ? list.format(parts) : parts.join(", ");
    },
    clock: (at) => clock.format(at),
  };
}

/** Of these tags the one in the same language and script: `de` for `de-AT`, `zh-Hant` for `zh-TW`; null for none. */
export function nearest(tag: string, tags: readonly string[]): string | null {
  const wanted = readTag(tag);
  if (wanted === null) return null;
  return tags.find((name) => readTag(name) === wanted) ?? null;
}

/** The language and script that a tag means, said or not; null for what is no tag. */
function readTag(tag: string): string | null {
  try {
    const { language, script } = new Intl.Locale(tag).maximize();
    return `${language}-${script}`;
  } catch {
    return null;
  }
}
