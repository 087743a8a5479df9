// The notice as the server writes it: whole without script, in every language, and safe as HTML.
import { describe, expect, test } from "vitest";
import { LOCALES } from "../../src/locales/all.js";
import { uk } from "../../src/locales/uk.js";
import { ConfigurationError, startNotice } from "../../src/server/index.js";
import { fill } from "../../src/words/english.js";
import { createTimeWords } from "../../src/words/intl.js";

const textOf = (html: string) =>
  /^<curfew-notice[^<>]*><p>([^<>]*)<\/p><\/curfew-notice>$/.exec(html)?.[1] ?? `no notice: ${html}`;

test("says how long one may pause, what becomes of the work, and when everyone must sign in again", () => {
  expect(startNotice({ idle: "20m", absolute: "12h", work: "notSaved" })).toBe(
    '<curfew-notice idle="20m" absolute="12h" work="notSaved" lang="en" dir="ltr"><p>If you do nothing for 20 minutes, we will sign you out. Work you have not saved will be lost. For your security, everyone must sign in again after 12 hours.</p></curfew-notice>',
  );
});

test.each([
  [{ idle: "90s" }, "If you do nothing for 1 minute and 30 seconds, we will sign you out."],
  [{ absolute: "7d" }, "For your security, everyone must sign in again after 7 days."],
  [
    { idle: "1h", work: "saved" as const },
    "If you do nothing for 1 hour, we will sign you out. Your work is saved.",
  ],
  [
    { idle: "20m", work: "saved" as const, locale: "de-AT" },
    "Wenn Sie 20 Minuten lang nichts tun, melden wir Sie ab. Ihre Eingaben sind gespeichert.",
  ],
  [
    { idle: "20m", work: "saved" as const, locale: "ja" },
    "20 分のあいだ何も操作しないと、ログアウトします。作業内容は保存されています。",
  ],
  [{ idle: "2m", locale: uk }, "Обмеження часу без жодної дії: 2 хвилини. Потім ми завершимо ваш сеанс."],
  [{ idle: "20m", locale: "sv" }, "If you do nothing for 20 minutes, we will sign you out."],
])("%j", (options, text) => {
  expect(textOf(startNotice(options))).toBe(text);
});

test("the durations stand in it as the element reads them, however the app wrote them", () => {
  expect(startNotice({ idle: "20 minutes", absolute: "0.5d" })).toContain(' idle="20m" absolute="12h" ');
});

describe.each(LOCALES.map((locale) => [locale.tag, locale] as const))("in %s", (tag, locale) => {
  test("it is the catalogue's, with its language and direction", () => {
    const html = startNotice({ idle: "20m", work: "saved", locale: tag });
    const limit = createTimeWords(tag, locale.units).duration(1_200_000);
    expect(textOf(html)).toContain(fill(locale.notice.idle, { limit }));
    expect(textOf(html)).toContain(locale.words["work.saved"]);
    expect(html).toContain(` lang="${tag}" dir="${["ar", "he"].includes(tag) ? "rtl" : "ltr"}">`);
  });
});

test("a tag that holds markup becomes none", () => {
  expect(startNotice({ idle: "20m", locale: '"><script>' })).toContain(' lang="en" ');
});

test("an app's own words are text, never markup", () => {
  const locale = { ...uk, tag: '"><img>', notice: { ...uk.notice, idle: "<b>{limit}</b> & 'more'" } };
  const html = startNotice({ idle: "20m", locale });
  expect(html.match(/<[^>]*>/g)).toHaveLength(4);
  expect(html).toContain("&#60;b&#62;");
  expect(html).not.toContain("<img");
});

test.each([
  [{}, /needs a limit to tell of/],
  [{ idle: "soon" }, /startNotice\.idle is "soon"; write a duration with its unit/],
  [{ idle: "20" }, /startNotice\.idle is "20"/],
  [{ absolute: "0h" }, /startNotice\.absolute is "0h"; a duration must be longer than nothing/],
  [{ idle: "20m", work: "lost" }, /startNotice\.work must be "saved" or "notSaved"/],
  [{ idle: "20m", locale: 5 }, /startNotice\.locale must be a language tag, such as "de", or a catalogue/],
  [{ idel: "20m" }, /startNotice has an unknown key "idel"; .*"idle"/],
  [undefined, /startNotice must be an object, such as \{ idle: "20m" \}/],
])("%j is refused with what to write instead", (options, message) => {
  expect(() => startNotice(options as never)).toThrow(ConfigurationError);
  expect(() => startNotice(options as never)).toThrow(message);
});
