/** The notice at the beginning, in one language: what the server writes and what the element shows. */
import { fill } from "./english.js";
import { createTimeWords } from "./intl.js";
import type { Locale } from "./locale.js";

export interface NoticeFacts {
  /** How long a person may do nothing, in milliseconds; null: nothing is said of it. */
  readonly idleTimeout: number | null;
  /** After how long everyone must sign in again, in milliseconds; null: nothing is said of it. */
  readonly absoluteTimeout: number | null;
  /** What becomes of the work at the end; null: nothing is said of it. */
  readonly work: "saved" | "notSaved" | null;
}

/** @param tag The tag that was asked for, such as `de-AT` where the locale is `de`: it decides on digits. */
export function noticeText(locale: Locale, tag: string, facts: NoticeFacts): string {
  const { notice, words, units } = locale;
  const times = createTimeWords(tag, units);
  const told = (template: string, limit: number | null) =>
    limit === null ? "" : fill(template, { limit: times.duration(limit, true) });
  return [
    told(notice.idle, facts.idleTimeout),
    facts.work === null ? "" : words[`work.${facts.work}`],
    told(notice.absolute, facts.absoluteTimeout),
  ]
    .filter((sentence) => sentence !== "")
    .join(" ")
    .replaceAll("。 ", "。");
}
