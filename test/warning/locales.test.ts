// The catalogues: each is whole, in plain words, and what it says of the time is grammatical.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { LOCALES } from "../../src/locales/all.js";
import { cy } from "../../src/locales/cy.js";
import { de } from "../../src/locales/de.js";
import { en } from "../../src/locales/en.js";
import * as face from "../../src/locales/index.js";
import { uk } from "../../src/locales/uk.js";
import { fill } from "../../src/words/english.js";
import { createTimeWords } from "../../src/words/intl.js";
import { type Locale, TAGS } from "../../src/words/locale.js";
import { localeMistakes, TRADE_WORDS } from "./locale-rules.js";

const each = LOCALES.map((locale) => [locale.tag, locale] as const);

test("there are the nineteen that public services need, and a page can ask for each", () => {
  expect(LOCALES.map(({ tag }) => tag)).toEqual(
    "en fr de es pt-BR it nl pl uk tr ar he hi zh-Hans zh-Hant ja ko vi cy".split(" "),
  );
  expect(TAGS).toEqual(LOCALES.map(({ tag }) => tag));
  expect(Object.keys(TRADE_WORDS)).toEqual(TAGS);
});

test("an app can bundle each, under the name of its tag", () => {
  const names = Object.fromEntries(Object.entries(face).map(([name, { tag }]) => [name, tag]));
  expect(names).toEqual(Object.fromEntries(TAGS.map((tag) => [tag.replace("-", ""), tag])));
});

describe("a catalogue", () => {
  test.each(each)(
    "%s has the keys and slots of English, and no trade's words, quotes or markup",
    (_tag, locale) => {
      expect(localeMistakes(locale)).toEqual([]);
    },
  );

  test.each(each)("%s says the time first where it speaks, and little more", (tag, { words, units }) => {
    const { duration } = createTimeWords(tag, units);
    for (const key of ["idle.live", "absolute.live"] as const) {
      expect(words[key]).toMatch(/^\{duration\}/);
      const spoken = fill(words[key], { duration: duration(30_000) });
      expect(spoken.split(/\s+/).length, spoken).toBeLessThanOrEqual(12);
    }
  });

  test.each(each)("%s is marked in the docs as what it is", (tag) => {
    const docs = readFileSync(new URL("../../docs/locales.md", import.meta.url), "utf8");
    const rows = docs.split("\n").filter((line) => line.startsWith(`| \`${tag}\` |`));
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatch(tag === "en" ? /\| written in it \|/ : /\| not reviewed \|$/);
  });
});

describe("a mistake is seen:", () => {
  const changed = (locale: Locale, key: string, text: string): Locale => ({
    ...locale,
    words: { ...locale.words, [key]: text },
  });

  test.each([
    ["a key too many", changed(de, "idle.more", "Mehr")],
    ["a slot that is missing", changed(de, "idle.body", "Wir melden Sie bald ab.")],
    ["a slot that was translated", changed(de, "idle.body", "Wir melden Sie um {uhrzeit} ab.")],
    ["a broken slot", changed(de, "countdown", "Noch {duration")],
    ["a straight quote", changed(de, "failed", "Das ging nicht. Versuchen Sie's noch einmal.")],
    ["markup", changed(de, "failed", "<b>Das</b> ging nicht.")],
    ["three dots", changed(de, "pending", "Prüfung...")],
    ["a word of the trade", changed(de, "ended.title", "Ihre Sitzung ist zu Ende")],
    [
      "a text that is too long",
      changed(de, "absolute.secondary", "Dieses Fenster jetzt gleich wieder schließen"),
    ],
    ["a label that became a sentence", changed(de, "idle.primary", "Ich bleibe angemeldet.")],
    ["a text that was left in English", changed(de, "idle.primary", en.words["idle.primary"])],
    ["a space at the end", changed(de, "idle.primary", "Angemeldet bleiben ")],
    ["an empty text", changed(de, "moments", "")],
    ["letters in two parts", changed(de, "absolute.secondary", "Schließen".replace("i", "i\u0308"))],
    ["a Latin letter among Cyrillic ones", changed(uk, "absolute.secondary", "Закpити")],
    [
      "a form that is missing",
      { ...cy, units: { ...cy.units, day: { one: "{count} x", other: "{count} x" } } },
    ],
    ["a form without its number", withMinutes({ two: "funud" })],
  ])("%s", (_name, locale) => {
    expect(localeMistakes(locale as Locale).length).toBeGreaterThan(0);
  });

  test("a key that is missing", () => {
    const { moments: _moments, ...words } = de.words;
    expect(localeMistakes({ ...de, words } as Locale)).toEqual(["words lacks moments"]);
  });

  function withMinutes(forms: Readonly<Record<string, string>>): unknown {
    return { ...cy, units: { ...cy.units, minute: { ...cy.units?.minute, ...forms } } };
  }
});
