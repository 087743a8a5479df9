/** What the warning speaks: the words, the tag for a reader's voice, and time in the same language. */
import { unshadowed } from "../dom/unshadowed.js";
import { ENGLISH, type Words } from "../words/english.js";
import { createTimeWords, type TimeWords, withRegion } from "../words/intl.js";
import { localeFor } from "../words/load-locale.js";
import { type Locale, tagOf } from "../words/locale.js";

export interface LanguageOptions {
  /**
   * The language: a BCP 47 tag, whose words come from the verifier, or a catalogue of `curfew/locales` that the app has
   * bundled. Default: the page's, `<html lang>`. Where there are no words in it, English.
   */
  readonly locale?: string | Locale;
  /** Other words for some or all of `ENGLISH`. */
  readonly words?: Partial<Words>;
}

export interface Language {
  readonly lang: string;
  readonly words: Words;
  readonly times: TimeWords;
}

/** `onLoad`: the words have come meanwhile, ask again. */
export function languageOf(
  { locale: choice = unshadowed(document).documentElement.lang, words }: LanguageOptions,
  base: string | undefined,
  onLoad: () => void,
): Language {
  const tag = tagOf(typeof choice === "string" ? choice : choice.tag);
  const locale = localeFor(typeof choice === "string" ? tag : choice, base, onLoad);
  // Words in one language and a voice, or times, in another help nobody.
  const isSpoken = locale !== null || words !== undefined || /^en\b/i.test(tag);
  const lang = (isSpoken && tag) || "en";
  return {
    lang,
    words: { ...ENGLISH, ...locale?.words, ...words },
    times: createTimeWords(withRegion(lang, navigator.languages), locale?.units),
  };
}
