// Time in words: in the language's own forms, also where the engine has none for it.
import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { LOCALES } from "../../src/locales/all.js";
import { cy } from "../../src/locales/cy.js";
import { de } from "../../src/locales/de.js";
import { languageOf } from "../../src/warning/kinds/language.js";
import { createTimeWords, nearest, withRegion } from "../../src/words/intl.js";
import { directionOf, TAGS } from "../../src/words/locale.js";

const AFTERNOON = new Date(2030, 0, 1, 14, 32).getTime();
const MINUTE = 60_000;

const { NumberFormat, DateTimeFormat } = Intl;

afterEach(() => vi.unstubAllGlobals());

/** An engine that lacks Welsh, as Chromium does: it says so where it is asked, and speaks its own language. */
function withoutWelsh(): void {
  const own = (tag: string) => (tag === "cy" ? "en-US" : tag);
  class Numbers extends NumberFormat {
    static override supportedLocalesOf(tag: string): string[] {
      return tag === "cy" ? [] : [tag];
    }
    constructor(tag: string, options: Intl.NumberFormatOptions) {
      super(own(tag), options);
    }
  }
  class Times extends DateTimeFormat {
    constructor(tag: string, options: Intl.DateTimeFormatOptions) {
      super(own(tag), options);
    }
  }
  vi.stubGlobal("Intl", Object.assign(namesOf(Intl), { NumberFormat: Numbers, DateTimeFormat: Times }));
}

/** They are not enumerable. */
function namesOf(object: object): object {
  return Object.defineProperties({}, Object.getOwnPropertyDescriptors(object));
}

test.each([
  ["en", 110_000, "1 minute, 50 seconds"],
  ["de", 110_000, "1 Minute, 50 Sekunden"],
  ["pl", 22 * MINUTE, "22 minuty"],
  ["pl", 5 * MINUTE, "5 minut"],
  ["uk", 21 * MINUTE, "21 хвилина"],
  ["ar", 2 * MINUTE, "دقيقتان"],
  ["he", 2 * MINUTE, "שתי דקות"],
  ["ja", 90 * MINUTE, "1 時間 30 分"],
  ["cy", 2 * MINUTE, "2 funud"],
  ["en", 12 * 60 * MINUTE, "12 hours"],
  ["en", 36 * 60 * MINUTE, "1 day, 12 hours"],
  ["en", 24 * 60 * MINUTE + 1999, "1 day, 1 second"],
  ["en", 999, "0 seconds"],
  ["not a tag", MINUTE, "1 minute"],
])("in %s %i ms are %s", (tag, milliseconds, text) => {
  expect(createTimeWords(tag).duration(milliseconds)).toBe(text);
});

test.each([
  ["ar-EG", "١٥ دقيقة"],
  ["ar-MA", "15 دقيقة"],
  ["hi-u-nu-deva", "१५ मिनट"],
])("digits are the country's: %s", (tag, text) => {
  expect(createTimeWords(tag).duration(15 * MINUTE)).toBe(text);
});

test.each([
  ["en-US", /^2:32\sPM$/],
  ["en-GB", /^14:32$/],
  ["de", /^14:32$/],
  ["zh-TW", /^下午2:32$/],
])("the time of day is the country's: %s", (tag, text) => {
  expect(createTimeWords(tag).clock(AFTERNOON)).toMatch(text);
});

test.each([
  ["en", "1 hour and 30 minutes"],
  ["de", "1 Stunde und 30 Minuten"],
  ["fr", "1\u00a0heure et 30 minutes"],
  ["es", "1 hora y 30 minutos"],
  ["pt-BR", "1 hora e 30 minutos"],
  ["it", "1 ora e 30 minuti"],
  ["nl", "1 uur en 30 minuten"],
  ["pl", "1 godzina i 30 minut"],
  ["uk", "1 година і 30 хвилин"],
  ["tr", "1 saat ve 30 dakika"],
  ["ar", "ساعة و30 دقيقة"],
  ["he", "1 שעה ו-30 דקות"],
  ["hi", "1 घंटा और 30 मिनट"],
  ["zh-Hans", "1小时30分钟"],
  ["zh-Hant", "1 小時 30 分鐘"],
  ["ja", "1 時間 30 分"],
  ["ko", "1시간 30분"],
  ["vi", "1 giờ và 30 phút"],
])("in a sentence a list of times reads as one, in %s", (tag, text) => {
  expect(createTimeWords(tag).duration(90 * MINUTE, true)).toBe(text);
});

test.each([
  ["en", ["en-GB"], "en-GB"],
  ["en", ["cy-GB", "en-AU", "en-US"], "en-AU"],
  ["en", ["de-DE", "de"], "en-DE"],
  ["en-US", ["en-GB"], "en-US"],
  ["fr", ["fr", "fr-CA"], "fr-CA"],
  ["ar", ["ar-EG"], "ar-EG"],
  ["zh", ["zh-TW"], "zh"],
  ["zh-Hant", ["zh-Hans-CN"], "zh-Hant-CN"],
  ["pt", ["pt-PT"], "pt-PT"],
  ["en", ["en", "de"], "en"],
  ["en", ["not a tag", "*"], "en"],
  ["en", [], "en"],
  ["not a tag", ["en-GB"], "not a tag"],
])("a page in %s where people prefer %j tells the time as %s", (tag, preferred, expected) => {
  expect(withRegion(tag, preferred)).toBe(expected);
});

test("a page in English tells a British person the time by 24 hours, and an American by 12", () => {
  const told = (...preferred: string[]) => createTimeWords(withRegion("en", preferred)).clock(AFTERNOON);
  expect(told("en-GB")).toBe("14:32");
  expect(told("de-DE")).toBe("14:32");
  expect(told("en-US")).toMatch(/^2:32\sPM$/);
});

test("a region changes no word: what is said stays in the page's language", () => {
  for (const { tag } of LOCALES)
    for (const preferred of ["en-GB", "de-DE", "zh-TW", "ar-EG", "fr-CA", "sr-Latn-RS"])
      expect(withRegion(tag, [preferred]).split("-")[0], preferred).toBe(tag.split("-")[0]);
});

describe("where the engine has no Welsh", () => {
  test("a list of times in a sentence reads as one", () => {
    withoutWelsh();
    expect(createTimeWords("cy", cy.units).duration(90 * MINUTE, true)).toBe("1 awr a 30 munud");
  });

  test.each([
    [0, "0 eiliad"],
    [1000, "1 eiliad"],
    [MINUTE, "1 munud"],
    [2 * MINUTE, "2 funud"],
    [3 * MINUTE, "3 munud"],
    [6 * MINUTE, "6 munud"],
    [10 * MINUTE, "10 munud"],
    [110_000, "1 munud, 50 eiliad"],
    [12 * 60 * MINUTE, "12 awr"],
    [48 * 60 * MINUTE, "2 ddiwrnod"],
  ])("%i ms are %s", (milliseconds, text) => {
    withoutWelsh();
    expect(createTimeWords("cy", cy.units).duration(milliseconds)).toBe(text);
  });

  test("what the catalogue says is what an engine with Welsh says", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 * 24 * 60 * MINUTE }), (milliseconds) => {
        const known = createTimeWords("cy").duration(milliseconds);
        withoutWelsh();
        const own = createTimeWords("cy", cy.units).duration(milliseconds);
        vi.unstubAllGlobals();
        expect(own).toBe(known);
      }),
    );
  });

  test("the time of day is told by 24 hours", () => {
    withoutWelsh();
    expect(createTimeWords("cy", cy.units).clock(AFTERNOON)).toBe("14:32");
  });
});

test("every language tells the same time: more is never said with a smaller number alone", () => {
  for (const { tag, units } of LOCALES) {
    const { duration } = createTimeWords(tag, units);
    const said = [1, 2, 3, 5, 6, 11, 21, 22, 25].map((count) => duration(count * MINUTE));
    expect(new Set(said).size, tag).toBe(said.length);
  }
});

test.each([
  ["de-AT", "de"],
  ["de", "de"],
  ["DE-ch", "de"],
  ["pt", "pt-BR"],
  ["pt-PT", "pt-BR"],
  ["zh", "zh-Hans"],
  ["zh-CN", "zh-Hans"],
  ["zh-SG", "zh-Hans"],
  ["zh-TW", "zh-Hant"],
  ["zh-HK", "zh-Hant"],
  ["zh-MO", "zh-Hant"],
  ["zh-Hans-HK", "zh-Hans"],
  ["en-GB", "en"],
  ["iw", "he"],
  ["ar-EG", "ar"],
  ["hi-Latn", null],
  ["uk-Latn", null],
  ["sv", null],
  ["", null],
  ["not a tag", null],
  ["de_AT", null],
])("the words for %j are those of %j", (tag, name) => {
  expect(nearest(tag, TAGS)).toBe(name);
});

test.each([
  ["ar", "rtl"],
  ["ar-EG", "rtl"],
  ["he", "rtl"],
  ["iw", "rtl"],
  ["fa", "rtl"],
  ["de", "ltr"],
  ["arn", "ltr"],
])("%s is written %s", (tag, direction) => {
  expect(directionOf(tag)).toBe(direction);
});

/** The engine's own, noting what is made of it. */
function watchIntl(): readonly string[] {
  const made: string[] = [];
  const noted = {
    construct(target: new (...given: unknown[]) => object, given: unknown[]): object {
      made.push(target.name);
      return new target(...given);
    },
  };
  const forms = ["DateTimeFormat", "PluralRules", "NumberFormat", "ListFormat", "Locale"] as const;
  const watched = forms.map((name) => [name, new Proxy(Intl[name] as never, noted)] as const);
  vi.stubGlobal("Intl", Object.assign(namesOf(Intl), Object.fromEntries(watched)));
  return made;
}

test("time in words costs nothing until some is said; then each form is made once", () => {
  const made = watchIntl();
  const { duration, clock } = createTimeWords("de", de.units);
  expect(made.filter((name) => name !== "Locale")).toEqual([]);
  for (const seconds of [90, 75]) expect(duration(seconds * 1_000, true)).toMatch(/Minute und/);
  for (const at of [AFTERNOON, AFTERNOON]) expect(clock(at)).toBe("14:32");
  expect(made.filter((name) => name !== "Locale")).toEqual([
    "NumberFormat",
    "NumberFormat",
    "ListFormat",
    "DateTimeFormat",
  ]);
});

test.each([
  ["English", "en"],
  ["a language of ours", "de"],
  ["a bundled catalogue", de],
])(
  "a page that loads in %s asks the engine for nothing of its languages before the warning speaks",
  (_name, locale) => {
    vi.stubGlobal("fetch", async () => Response.json(de));
    vi.stubGlobal("navigator", { languages: ["de-AT", "en"] });
    const made = watchIntl();
    const language = languageOf({ locale }, undefined, () => {});
    expect(made).toEqual([]);
    expect(language.times.duration(60_000)).toMatch(/^1 [mM]inute$/);
    expect(made).not.toEqual([]);
  },
);
