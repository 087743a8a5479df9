/** What the warning speaks: the words, the tag for a reader's voice, and time in the same language. */
import { unshadowed } from "../../dom/unshadowed.js";
import { ENGLISH, type Words } from "../../words/english.js";
import { createTimeWords, nearest, type TimeWords, withRegion } from "../../words/intl.js";
import { localeFor } from "../../words/load-locale.js";
import { type Locale, TAGS, tagOf } from "../../words/locale.js";

export interface LanguageOptions {
  /**
   * The language: a BCP 47 tag, whose words come from the verifier, or a catalogue of `curfew/locales` that the app has
   * bundled. Default: the page's, `<html lang>`; where there are no words in it, the first of the browser's languages that has
   * some. Else English.
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
  { words, locale: choice = pageLanguage(words === undefined) }: LanguageOptions,
  base: string | undefined,
  onLoad: () => void,
): Language {
  const tag = tagOf(typeof choice === "string" ? choice : choice.tag);
  const locale = localeFor(typeof choice === "string" ? tag : choice, base, onLoad);
  // Words in one language and a voice, or times, in another help nobody.
  const isSpoken = locale !== null || words !== undefined || /^en\b/i.test(tag);
  const lang = (isSpoken && tag) || "en";
  let times: TimeWords | null = null;
  return {
    lang,
    words: { ...ENGLISH, ...locale?.words, ...words },
    // A page that loads has nothing to say of time yet.
    get times() {
      times ??= createTimeWords(withRegion(lang, navigator.languages), locale?.units);
      return times;
    },
  };
}

/** @param isOurs The words come from us: then a language that the person has chosen in the browser is better than one that nobody has. */
function pageLanguage(isOurs: boolean): string {
  const lang = tagOf(unshadowed(document).documentElement.lang);
  if (!isOurs || lang === "" || nearest(lang, TAGS) !== null) return lang;
  const known = navigator.languages.map((tag) => nearest(tag, TAGS));
  return known.find((tag) => tag !== null) ?? lang;
}
