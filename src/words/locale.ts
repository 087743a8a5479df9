/** One language's catalogue: what a file of `curfew/locales` holds, as a module and as JSON. */
import type { Words } from "./english.js";
import type { NoticeWords } from "./notice-words.js";

/** The forms of "{count} minutes" and the like, by the plural categories of the language (`Intl.PluralRules`). */
export type Units = Readonly<
  Record<"day" | "hour" | "minute" | "second", Readonly<Partial<Record<Intl.LDMLPluralRule, string>>>>
> & {
  /** What stands between two of them in a sentence. */
  readonly and: string;
};

export interface Locale {
  /** BCP 47, as short as it can be: `de`, `pt-BR`, `zh-Hant`. */
  readonly tag: string;
  readonly words: Words;
  readonly notice: NoticeWords;
  /** Only where an engine may have no data for the language, and would speak English in its place. */
  readonly units?: Units;
}

/** The languages that Curfew has words in. */
export const TAGS = "en fr de es pt-BR it nl pl uk tr ar he hi zh-Hans zh-Hant ja ko vi cy".split(" ");

/** The tag as BCP 47 writes it, where a page has it as an operating system does: `de_DE`, `pt_BR.UTF-8`. */
export function tagOf(text: string): string {
  return text
    .trim()
    .replace(/[.@].*$/, "")
    .replaceAll("_", "-");
}

const RIGHT_TO_LEFT = /^(ar|ckb|dv|fa|he|iw|ks|ps|sd|ug|ur|yi)\b/i;

/** The direction in which a language is written. */
export function directionOf(tag: string): "ltr" | "rtl" {
  return RIGHT_TO_LEFT.test(tag) ? "rtl" : "ltr";
}
