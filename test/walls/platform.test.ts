import { expect, test } from "vitest";
import { namesIn } from "./parsed.js";
import { platformMistakes } from "./rules.js";
import { planted, sourcesIn } from "./sources.js";

const SOURCES = sourcesIn("src");

test("each of its APIs is named in one file of a side, and in the other rooms in none", () => {
  expect(platformMistakes(SOURCES)).toEqual([]);
});

test.each([
  ["timers", ["browser", "browser"], "setTimeout(() => {}, 1);"],
  ["timers through the window", ["browser", "browser"], "window.setInterval(() => {}, 1);"],
  ["the wall clock", ["server", "server"], "export const a = Date.now();"],
  ["the wall clock as a date", ["server", "server"], "export const a = new Date();"],
  ["the monotonic clock", ["warning", "warning"], "export const a = globalThis.performance.now();"],
  ["the network", ["browser", "browser"], 'await fetch("/x");'],
  ["the network without a call", ["browser", "browser"], "export const ask = fetch;"],
  ["web locks", ["browser", "browser"], "export const a = window.navigator.locks;"],
  ["web crypto", ["browser", "browser"], "export const { subtle } = crypto;"],
  ["local storage", ["browser", "browser"], 'export const a = window["localStorage"];'],
  ["session storage", ["browser", "browser"], "sessionStorage.clear();"],
  ["IndexedDB", ["browser", "browser"], 'import { get } from "idb-keyval"; export const a = get;'],
  ["the tab channel", ["browser", "browser"], 'new BroadcastChannel("a");'],
  ["constructed sheets", ["warning", "warning"], "document.adoptedStyleSheets = [];"],
  ["words", ["warning", "warning"], 'new Intl.NumberFormat("en");'],
  ["a template with a clock in it", ["browser", "browser"], `export const a = \`\${Date.now()}\`;`],
  ["the environment", ["server", "server"], "export const a = process.env.A;"],
  ["the wall clock, taken out", ["browser", "browser"], "export const { now } = Date;"],
  ["the wall clock under another name", ["browser", "browser"], "const { now: a } = Date; export { a };"],
  ["the wall clock as a text", ["server", "server"], "export const a = Date();"],
  [
    "the monotonic clock, taken out",
    ["warning", "warning"],
    "export const { now } = globalThis.performance;",
  ],
  ["a channel between two ends", ["browser", "browser"], "export const a = new MessageChannel();"],
  ["chance", ["browser", "browser"], "export const a = crypto.randomUUID();"],
  ["an event stream", ["browser", "browser"], 'export const a = new EventSource("/x");'],
  ["a beacon", ["browser", "browser"], 'navigator.sendBeacon("/x");'],
  ["cookies of the page", ["browser", "browser"], "export const a = document.cookie;"],
  ["a worker", ["browser", "browser"], 'new Worker("a.js");'],
  [
    "timers of Node",
    ["server", "server"],
    'import { setTimeout as a } from "node:timers/promises"; await a(1);',
  ],
  ["SQLite", ["server", "server"], 'export const a = require("libsql");'],
  ["a sheet", ["browser", "browser"], "export const a = new CSSStyleSheet();"],
])("%s in two files of a side: seen", (_name, rooms, text) => {
  const sources = rooms.map((room, at) => planted(`src/${room}/file-${at}.ts`, text));
  expect(platformMistakes(sources)).toHaveLength(1);
  expect(platformMistakes(sources.slice(1))).toEqual([]);
});

test.each(["session/a", "protocol/a", "react/a", "vue/a", "index", "script-include"])(
  "a clock in %s is one too many",
  (file) => {
    const source = planted(`src/${file}.ts`, "export const a = performance.now();");
    expect(platformMistakes([source])).toHaveLength(1);
  },
);

test("an API split over a package and its global is one API", () => {
  const sources = [
    planted("src/browser/a.ts", 'import { get } from "idb-keyval"; export const a = get;'),
    planted("src/browser/b.ts", "export const b = indexedDB;"),
  ];
  expect(platformMistakes(sources)).toEqual(["IndexedDB in browser: src/browser/a.ts, src/browser/b.ts"]);
});

test("names in comments, types, texts and keys do not count", () => {
  const text = `
    // Date.now()
    /** setTimeout */
    export type A = typeof Date.now;
    export interface B { fetch(): void }
    export const a = { text: "Date.now()", fetch: 1, performance() {} };
  `;
  expect([...namesIn(planted("src/session/a.ts", text))]).toEqual(["a"]);
});
