// @vitest-environment happy-dom
// The words of a page's language: loaded on demand, never waited for, and English in their place where they don't come.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { LOCALES } from "../../src/locales/all.js";
import { ar } from "../../src/locales/ar.js";
import { de } from "../../src/locales/de.js";
import { attachWarning } from "../../src/warning/attach-warning.js";
import type { WarningOptions } from "../../src/warning/curfew-warning.js";
import { ENGLISH } from "../../src/words/english.js";
import { createFakeSession, type FakeSession, liveState } from "./fake-session.js";

const json = (value: unknown, status = 200) => Promise.resolve(Response.json(value, { status }));

let session: FakeSession & { base: string };
let german = "";
let visits = 0;
let detach: () => void = () => {};
let fetched: ReturnType<typeof vi.fn<(url: string) => Promise<Response>>>;

beforeEach(() => {
  // What a page has loaded from one verifier it does not ask for again: each test has another.
  const base = `https://auth-${visits++}.example/curfew`;
  german = `${base}/locales/de.json`;
  session = Object.assign(createFakeSession(), { base });
  fetched = vi.fn(async (url: string) => {
    const tag = /\/locales\/(.+)\.json$/.exec(url)?.[1];
    return json(LOCALES.find((locale) => locale.tag === tag) ?? {});
  });
  vi.stubGlobal("fetch", fetched);
});

afterEach(() => {
  detach();
  document.documentElement.lang = "";
  vi.unstubAllGlobals();
});

function attach(options: WarningOptions = {}): void {
  detach = attachWarning(session, options);
}

function host(): HTMLElement {
  const element = document.querySelector("curfew-warning");
  if (element === null) throw new Error("there is no warning");
  return element;
}

function answerLater(): (response: Response) => void {
  let answer: (response: Response) => void = () => {};
  fetched.mockReturnValue(
    new Promise((resolve) => {
      answer = resolve;
    }),
  );
  return (response) => answer(response);
}

const text = (selector: string) => host().shadowRoot?.querySelector(selector)?.textContent;
const shown = () => ({ title: text("h2"), lang: host().lang, dir: host().dir });
const warn = () => session.become(liveState(), 120_000);
const asked = () => fetched.mock.calls.map(([url]) => url);
const IN_ENGLISH = { title: ENGLISH["idle.title"], lang: "en", dir: "ltr" };
const IN_GERMAN = { title: de.words["idle.title"], lang: "de", dir: "ltr" };

test("the page's language counts, and its words come from the verifier", async () => {
  document.documentElement.lang = "de";
  attach();
  await vi.waitFor(() => expect(host().lang).toBe("de"));
  warn();
  expect(shown()).toEqual(IN_GERMAN);
  expect(asked()).toEqual([german]);
});

test("a warning that opens before the words are there speaks English, and then the language", async () => {
  const answer = answerLater();
  attach({ locale: "de" });
  warn();
  expect(shown()).toEqual(IN_ENGLISH);
  answer(Response.json(de));
  await vi.waitFor(() => expect(shown()).toEqual(IN_GERMAN));
  expect(host().shadowRoot?.querySelector("dialog")?.open).toBe(true);
});

test.each<[string, () => Promise<Response>]>([
  ["the server cannot be reached", () => Promise.reject(new TypeError("Failed to fetch"))],
  ["there is no such file", () => json({ type: "urn:curfew:not-found" }, 404)],
  ["the server fails", () => json(de, 500)],
  ["a captive portal answers", () => Promise.resolve(new Response("<html>Sign in to the Wi-Fi</html>"))],
  ["it is another language's", () => json(ar)],
  ["it is nothing", () => json(null)],
])("where the words do not come it stays English, voice and all: %s", async (_name, answer) => {
  fetched.mockImplementation(answer);
  attach({ locale: "de" });
  await vi.waitFor(() => expect(fetched).toHaveBeenCalledOnce());
  await new Promise((resolve) => setTimeout(resolve, 20));
  warn();
  expect(shown()).toEqual(IN_ENGLISH);
  expect(asked()).toEqual([german]);
});

test.each(["en", "en-GB", "sv", "not a tag", ""])("nothing is loaded for %j", async (locale) => {
  attach({ locale });
  warn();
  expect(shown()).toEqual({ ...IN_ENGLISH, lang: locale.startsWith("en") ? locale : "en" });
  expect(asked()).toEqual([]);
});

test("a country has its language's words and its own times", async () => {
  attach({ locale: "de-AT" });
  await vi.waitFor(() => expect(host().lang).toBe("de-AT"));
  expect(asked()).toEqual([german]);
});

test("what the app has bundled is there at once, and nothing is loaded", async () => {
  attach({ locale: ar });
  warn();
  expect(shown()).toEqual({ title: ar.words["idle.title"], lang: "ar", dir: "rtl" });
  expect(asked()).toEqual([]);
});

test("the app's own words go before the language's", async () => {
  attach({ locale: "de", words: { "idle.primary": "Weiterarbeiten" } });
  await vi.waitFor(() => expect(asked()).toEqual([german]));
  warn();
  await vi.waitFor(() => expect(shown()).toEqual(IN_GERMAN));
  expect(text("button[part=primary]")).toBe("Weiterarbeiten");
});

test("words of the app's own in a language that we do not have keep its voice and its direction", async () => {
  attach({ locale: "fa", words: { "idle.title": "به‌زودی خارج می‌شوید" } });
  warn();
  expect(shown()).toEqual({ title: "به‌زودی خارج می‌شوید", lang: "fa", dir: "rtl" });
  expect(asked()).toEqual([]);
});

test("words that come after the warning was taken away bring nothing back", async () => {
  const answer = answerLater();
  attach({ locale: "de" });
  detach();
  answer(Response.json(de));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(document.querySelector("curfew-warning")).toBeNull();
});

test("a second warning of the same page loads them no second time", async () => {
  attach({ locale: "de" });
  await vi.waitFor(() => expect(host().lang).toBe("de"));
  detach();
  attach({ locale: "de-CH" });
  expect(host().lang).toBe("de-CH");
  expect(asked()).toEqual([german]);
});

test("a client without an address asks where the verifier stands by default", async () => {
  session = Object.assign(createFakeSession(), { base: undefined as unknown as string });
  attach({ locale: "ja" });
  await vi.waitFor(() => expect(asked()).toEqual(["/curfew/locales/ja.json"]));
});

test.each([
  ["sv", ["sv-SE", "de-AT", "en"], "de"],
  ["sv", ["sv", "en-GB"], "en"],
  ["sv", ["sv", "fi"], "en"],
  ["", ["de"], "en"],
  ["fr", ["de"], "fr"],
])("a page in %o for a person who reads %j speaks %s", async (lang, languages, spoken) => {
  vi.spyOn(navigator, "languages", "get").mockReturnValue(languages);
  document.documentElement.lang = lang;
  attach();
  warn();
  await vi.waitFor(() => expect(shown().lang).toBe(spoken));
  expect(fetched).toHaveBeenCalledTimes(spoken === "en" ? 0 : 1);
  vi.restoreAllMocks();
});

test("an app's own words keep the page's language, whatever the person reads besides", () => {
  vi.spyOn(navigator, "languages", "get").mockReturnValue(["de"]);
  document.documentElement.lang = "sv";
  attach({ words: { "idle.title": "Du loggas snart ut" } });
  warn();
  expect(shown()).toMatchObject({ lang: "sv", title: "Du loggas snart ut" });
  vi.restoreAllMocks();
});
