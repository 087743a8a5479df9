/** The words in English, from which all others are made. */
import { ENGLISH } from "../words/english.js";
import type { Locale } from "../words/locale.js";
import { ENGLISH_NOTICE } from "../words/notice-words.js";

export const en: Locale = { tag: "en", words: ENGLISH, notice: ENGLISH_NOTICE };
