/** What the engine knows of languages: time in words, and which of our catalogues is the nearest to a language tag. */
import type { Units } from "./locale.js";

export interface TimeWords {
  /**
   * A length of time: "1 minute, 50 seconds" where it stands alone, "1 minute and 50 seconds" in a sentence. Parts of a second
   * are left out.
   */
  duration(milliseconds: number, isInSentence?: boolean): string;
  /** The time of day of an instant (milliseconds since the epoch), such as "2:32 PM". */
  clock(at: number): string;
}

/** The units' lengths in seconds, longest first. */
const LENGTHS = { day: 86_400, hour: 3600, minute: 60, second: 1 };
const UNITS = ["day", "hour", "minute", "second"] as const;
type Unit = (typeof UNITS)[number];

/** Chinese, Japanese and Korean put one unit after the other in a sentence too. */
const JOINS_NOTHING = /^(zh|ja|ko)\b/i;

/**
 * @param locale A BCP 47 tag; one that no engine can read gives English.
 * @param forms The catalogue's own forms, used where the engine has no data for the language and would speak another.
 */
export function createTimeWords(locale: string, forms?: Units): TimeWords {
  const tag = readTag(locale) === null ? "en" : locale;
  const isKnown = once(() => forms === undefined || Intl.NumberFormat.supportedLocalesOf(tag).length > 0);
  // Made when something is said, and once each: it takes far longer than to say it, and a page that loads says nothing yet.
  const plural = once(() => new Intl.PluralRules(tag));
  const clock = once(() => new Intl.DateTimeFormat(isKnown() ? tag : "en-GB", { timeStyle: "short" }));
  const numbers = ofEach(
    (unit: Unit) => new Intl.NumberFormat(tag, { style: "unit", unit, unitDisplay: "long" }),
  );
  const lists = ofEach((type: "conjunction" | "unit") => new Intl.ListFormat(tag, { type }));

  function say(count: number, unit: Unit): string {
    if (forms === undefined || isKnown()) return numbers(unit).format(count);
    return (forms[unit][plural().select(count)] ?? "").replace("{count}", String(count));
  }

  return {
    duration(milliseconds, isInSentence = false) {
      let rest = Math.floor(milliseconds / 1000);
      const parts: string[] = [];
      for (const unit of UNITS) {
        const count = Math.floor(rest / LENGTHS[unit]);
        rest %= LENGTHS[unit];
        if (count > 0 || (unit === "second" && parts.length === 0)) parts.push(say(count, unit));
      }
      if (forms !== undefined && !isKnown()) return parts.join(isInSentence ? forms.and : ", ");
      return lists(isInSentence && !JOINS_NOTHING.test(tag) ? "conjunction" : "unit").format(parts);
    },
    clock: (at) => clock().format(at),
  };
}

/** What `make` makes, the first time that it is asked for. */
function once<T>(make: () => T): () => T {
  const made = ofEach(make);
  return () => made(undefined);
}

function ofEach<Name, T>(make: (name: Name) => T): (name: Name) => T {
  const made = new Map<Name, T>();
  return (name) => {
    const kept = made.get(name) ?? make(name);
    made.set(name, kept);
    return kept;
  };
}

/** Of these tags the one in the same language and script: `de` for `de-AT`, `zh-Hant` for `zh-TW`; null for none. */
export function nearest(tag: string, tags: readonly string[]): string | null {
  // To read a tag takes the engine some milliseconds, and most pages name their language as we do.
  if (tags.includes(tag)) return tag;
  const wanted = readTag(tag);
  if (wanted === null) return null;
  return tags.find((name) => readTag(name) === wanted) ?? null;
}

/**
 * The tag with the person's region, which decides on the time of day and on digits: `en-GB` for `en`. A tag that names a region
 * keeps it, and no region changes the script: `zh` stays itself where people prefer `zh-TW`.
 *
 * @param preferred The person's languages, the first counts most. A region of the same language goes before the others.
 */
export function withRegion(tag: string, preferred: readonly string[]): string {
  const meaning = readTag(tag);
  if (meaning === null || new Intl.Locale(tag).region) return tag;
  const placed = preferred.filter((other) => readTag(other) !== null && new Intl.Locale(other).region);
  const nearby = placed.find((other) => readTag(other) === meaning) ?? placed[0];
  if (nearby === undefined) return tag;
  const { region } = new Intl.Locale(nearby);
  const found = String(new Intl.Locale(tag, region === undefined ? {} : { region }));
  return readTag(found) === meaning ? found : tag;
}

/** Whether this is a language tag, of whichever language. */
export function isTag(text: string): boolean {
  return readTag(text) !== null;
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
