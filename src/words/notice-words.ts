/** What the notice at the beginning says, in English: how long a person may pause, and what becomes of their work. */

export const ENGLISH_NOTICE = {
  idle: "If you do nothing for {limit}, we will sign you out.",
  absolute: "For your security, everyone must sign in again after {limit}.",
} as const;

/** The notice's words in one language: the keys of `ENGLISH_NOTICE`, with the same `{slots}`. */
export type NoticeWords = Readonly<Record<keyof typeof ENGLISH_NOTICE, string>>;
