/** What holds for each catalogue, as a function, so that each rule can be shown a planted mistake. Mistakes are sentences. */
import { en } from "../../src/locales/en.js";
import type { Locale } from "../../src/words/locale.js";

/**
 * "session", "timeout", "inactive", "expired" and the like in each language: the trade's words, which say nothing to the
 * person who reads them. Parts of words, in lower case. Where every public site says its word for "session" (Spanish,
 * Portuguese, Italian, Polish, Ukrainian), people know it, and it may be said.
 */
export const TRADE_WORDS: Readonly<Record<string, readonly string[]>> = {
  en: ["session", "timeout", "time-out", "timed out", "inactiv", "idle", "expire"],
  fr: ["session", "timeout", "inactif", "inactiv", "délai", "expir"],
  de: ["session", "sitzung", "timeout", "zeitüberschreitung", "inaktiv", "untätig", "ablauf", "abgelaufen"],
  es: ["timeout", "tiempo de espera", "inactiv", "caduc", "expir"],
  "pt-BR": ["timeout", "tempo limite", "tempo esgotado", "inativ", "expir"],
  it: ["timeout", "inattiv", "scadut", "scadenza"],
  nl: ["sessie", "timeout", "time-out", "inactie", "verlopen", "verstreken"],
  pl: ["timeout", "limit czasu", "nieaktywn", "bezczynn", "wygas"],
  uk: ["тайм-аут", "таймаут", "неактивн", "бездіяльн", "час очікування"],
  tr: ["oturum", "zaman aşımı", "etkin değil", "etkinlik", "pasif", "hareketsiz"],
  ar: ["جلسة", "الجلسة", "مهلة", "خامل", "خمول", "نشط", "نشاط"],
  he: ["סשן", "הפעלה", "פסק זמן", "פעיל", "תפוגה"],
  hi: ["सत्र", "सेशन", "टाइमआउट", "टाइम आउट", "निष्क्रिय", "समय सीमा"],
  "zh-Hans": ["会话", "超时", "不活动", "不活跃", "闲置", "空闲", "过期"],
  "zh-Hant": ["工作階段", "會話", "逾時", "閒置", "不活動", "過期"],
  ja: ["セッション", "タイムアウト", "非アクティブ", "アイドル", "期限切れ"],
  ko: ["세션", "시간 초과", "타임아웃", "비활성", "유휴", "만료"],
  vi: ["phiên", "hết thời gian", "hết hạn", "không hoạt động", "nhàn rỗi"],
  cy: ["sesiwn", "terfyn amser", "anweithredol", "anactif", "segur", "dod i ben"],
};

/** A label of one short English word may take a few words elsewhere; buttons wrap. */
const SHORT_LABEL = 16;

/** The one Latin word that other scripts may hold: what stands on the key. */
const KEY_NAMES = ["Esc"];
const SCRIPTS = { ar: "Arabic", he: "Hebrew", hi: "Devanagari", uk: "Cyrillic", ko: "Hangul" };

type Texts = Readonly<Record<string, string>>;

export function localeMistakes(locale: Locale): readonly string[] {
  return [
    ...keyMistakes("words", locale.words, en.words),
    ...keyMistakes("notice", locale.notice, en.notice),
    ...textsOf(locale).flatMap(([key, text, english]) =>
      textMistakes(locale, text, english).map((mistake) => `${locale.tag} ${key} ${mistake}: ${text}`),
    ),
    ...unitMistakes(locale),
  ];
}

function textsOf({ words, notice }: Locale): readonly [key: string, text: string, english: string][] {
  const pairs = (own: Texts, english: Texts) =>
    Object.entries(own).map(([key, text]): [string, string, string] => [key, text, english[key] ?? ""]);
  return [...pairs(words, en.words), ...pairs(notice, en.notice)];
}

function keyMistakes(name: string, own: Texts, english: Texts): readonly string[] {
  const missing = Object.keys(english).filter((key) => !Object.hasOwn(own, key));
  const added = Object.keys(own).filter((key) => !Object.hasOwn(english, key));
  return [
    ...missing.map((key) => `${name} lacks ${key}`),
    ...added.map((key) => `${name} has ${key} for nothing`),
  ];
}

function textMistakes({ tag }: Locale, text: string, english: string): readonly string[] {
  const lower = text.normalize("NFC").toLowerCase();
  const mistakes = {
    "is empty": text.trim() === "",
    "has white space too much": text !== text.trim() || /\s\s/.test(text),
    "is not composed (NFC)": text !== text.normalize("NFC"),
    "has other slots than English": slotsIn(text) !== slotsIn(english),
    "has straight quotes": /["'`´]/.test(text),
    "has dots for an ellipsis": text.includes(".."),
    "has markup in it": /[<>&]/.test(text),
    "holds a control character": /[\p{Cc}\p{Cf}]/u.test(text),
    "is more than twice as long as English":
      [...text].length > 2 * Math.max([...english].length, SHORT_LABEL),
    "says a word of the trade": (TRADE_WORDS[tag] ?? [""]).some((word) => lower.includes(word)),
    "ends otherwise than English": endOf(text) !== endOf(english),
    "is still English": tag !== "en" && text === english,
    "holds words of another script": isMixed(tag, text),
    "is in another script": tag in SCRIPTS && !isIn(SCRIPTS[tag as keyof typeof SCRIPTS], text),
  };
  return Object.entries(mistakes).flatMap(([mistake, isMade]) => (isMade ? mistake : []));
}

function slotsIn(text: string): string {
  return (text.match(/\{[^}]*\}|[{}]/g) ?? []).sort().join();
}

/** A sentence ends as one, a label does not, and what goes on has its dots. */
function endOf(text: string): string {
  if (/[.。।]$/.test(text)) return "sentence";
  return text.endsWith("…") ? "going on" : "label";
}

function isMixed(tag: string, text: string): boolean {
  if (!/^(ar|he|hi|uk|ko|ja|zh)/.test(tag)) return false;
  const words: readonly string[] = text.replace(/\{\w+\}/g, "").match(/[A-Za-z]+/g) ?? [];
  return words.some((word) => !KEY_NAMES.includes(word));
}

function isIn(script: string, text: string): boolean {
  return RegExp(`\\p{Script=${script}}`, "u").test(text);
}

/** The forms are all there, and differ from the number alone. */
function unitMistakes({ tag, units: given }: Locale): readonly string[] {
  if (given === undefined) return [];
  const { and, ...units } = given;
  if (!/^ \p{L}+ $/u.test(and)) return [`${tag} joins by "${and}"`];
  const { pluralCategories } = new Intl.PluralRules(tag).resolvedOptions();
  return Object.entries(units).flatMap(([unit, forms]) => {
    const given = Object.keys(forms).sort();
    const wrong = Object.values(forms).filter((form) => slotsIn(form) !== "{count}");
    const isWhole = given.join() === [...pluralCategories].sort().join();
    return [
      ...(isWhole ? [] : [`${tag} has ${given} of ${unit}`]),
      ...wrong.map((form) => `${tag} ${unit}: ${form}`),
    ];
  });
}
