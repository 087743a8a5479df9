// @vitest-environment happy-dom
// What markup says of the warning: options as attributes, and values that are none.
import { expect, test, vi } from "vitest";
import { complainOf, optionsFrom } from "../../src/warning/element/attributes.js";
import { buildElements } from "../../src/warning/element/elements.js";
import { createSpeech } from "../../src/warning/element/speech.js";
import { languageOf } from "../../src/warning/kinds/language.js";
import { TICKER } from "../../src/warning/platform/ticker.js";

test("attributes say what options say, and a value that is none changes nothing and is told of by its name", () => {
  const complaints: unknown[] = [];
  const attributes: Record<string, string> = {
    locale: "de",
    work: "notSaved",
    countdown: "fast",
    escape: "none",
    "sign-out": "none",
    announce: "60000 45000 30000 soon",
    service: "First Bank",
    role: "",
  };
  const found = optionsFrom(
    (name) => attributes[name] ?? null,
    (name, value) => complaints.push([name, value]),
  );
  expect(complaints).toEqual([
    ["countdown", "fast"],
    ["role", ""],
    ["announce", "60000 45000 30000 soon"],
  ]);
  expect(found).toEqual({
    locale: "de",
    work: "notSaved",
    escape: "none",
    signOut: "none",
    announce: [60_000, 30_000],
    service: "First Bank",
  });
});

test.each(["45000", "soon", "0", "30000,60000", "-30000", "1e999", ""])(
  "where no rung of announce is one, all are spoken: %o",
  (announce) => {
    const complaints: string[] = [];
    const options = optionsFrom(
      (name) => (name === "announce" ? announce : null),
      (name) => complaints.push(name),
    );
    expect(options).toEqual({});
    expect(complaints).toEqual(announce === "" ? [] : ["announce"]);
  },
);

test("what cannot count is said in one line, with the name under which it was written and what it may say", () => {
  const said = vi.spyOn(console, "error").mockReturnValue();
  optionsFrom((name) => (name === "locale" ? "english, please" : null), complainOf("data-"));
  optionsFrom((name) => (name === "work" ? "maybe" : null), complainOf(""));
  expect(said.mock.calls).toEqual([
    [
      'curfew: data-locale says "english, please", which does not count. It may say a language tag, such as de.',
    ],
    ['curfew: work says "maybe", which does not count. It may say saved, notSaved.'],
  ]);
});

test("the end of a question that was answered takes back no word of the next one", () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  const elements = buildElements(document.createElement("div").attachShadow({ mode: "open" }));
  const language = languageOf({ locale: "en" }, undefined, () => {});
  const options = { escape: undefined, announce: undefined };
  const speech = createSpeech({ elements, language: () => language, ticker: TICKER, ...options });
  const stopFirst = speech.sayLater("the first");
  speech.sayLater("the second");
  stopFirst();
  vi.advanceTimersByTime(600);
  expect(elements.status.textContent).toBe("the second");
  vi.useRealTimers();
});
