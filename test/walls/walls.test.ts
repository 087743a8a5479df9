import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { namesIn } from "./parsed.js";
import {
  corridorMistakes,
  cycles,
  faceMistakes,
  floorMistakes,
  packageMistakes,
  platformMistakes,
} from "./rules.js";
import { importsOf, ROOT, type Source, sourcesIn, withoutComments } from "./sources.js";

const SOURCES = sourcesIn("src");
const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
  exports: Record<string, string | { types: string; default: string }>;
};
const FACES = SOURCES.filter(({ path }) => path.endsWith("index.ts")).map(({ path }) => path);

const planted = (path: string, text: string): Source => ({ path, text });

test("the walk sees the whole house, and every way to import", () => {
  expect(SOURCES.length).toBeGreaterThan(70);
  const text = `
    import type { A } from "./a.js";
    import "./b.js";
    export { c } from "./c.js";
    export type { D } from "./d.js";
    await import("./e.js");
    import { type F } from "./f.js";
    import g, { type H } from './g.js';
    export * from "./h.js";
    export const i: import("./i.js").I = 1;
    import {
      j,
    } from "./j.js";
    // import "./no.js"
    const no = 'import "./no.js"';
  `;
  const seen = [...importsOf(planted("src/a.ts", text))].sort();
  expect(seen).toEqual([..."abcdefghij"].map((name) => `./${name}.js`));
});

describe("imports", () => {
  test("arrows go down only, and browser and server never meet", () => {
    expect(floorMistakes(SOURCES)).toEqual([]);
  });

  test.each([
    ["up", planted("src/session/a.ts", 'import { b } from "../protocol/b.js";')],
    ["up by a type", planted("src/protocol/a.ts", 'import type { B } from "../browser/b.js";')],
    ["across", planted("src/browser/a.ts", 'import type { B } from "../server/b.js";')],
    ["back across", planted("src/server/http/a.ts", 'export { b } from "../../browser/b.js";')],
    ["past the client's type", planted("src/warning/a.ts", 'import { b } from "../browser/client.js";')],
  ])("an arrow that goes %s is seen", (_name, source) => {
    expect(floorMistakes([source])).toHaveLength(1);
  });

  test("there are no cycles, not even of types", () => {
    expect(cycles(SOURCES)).toEqual([]);
  });

  test("a cycle is seen", () => {
    const sources = [
      planted("src/session/a.ts", 'import { b } from "./b.js";'),
      planted("src/session/b.ts", 'import type { C } from "./c.js";'),
      planted("src/session/c.ts", 'export { a } from "./a.js";'),
    ];
    expect(cycles(sources)).toEqual([
      "src/session/a.ts → src/session/b.ts → src/session/c.ts → src/session/a.ts",
    ]);
  });

  test("an index is a face that nobody inside imports, with named re-exports only", () => {
    expect(corridorMistakes(SOURCES)).toEqual([]);
    expect(FACES.length).toBeGreaterThan(2);
    expect(faceMistakes(SOURCES, FACES)).toEqual([]);
  });

  test("a corridor and a face with code in it are seen", () => {
    expect(corridorMistakes([planted("src/warning/a.ts", 'import { b } from "../index.js";')])).toHaveLength(
      1,
    );
    const faces = ['export * from "./a.js";', 'export { a } from "./a.js";\nconst b = 1;'];
    for (const text of faces)
      expect(faceMistakes([planted("src/index.ts", text)], ["src/index.ts"])).toHaveLength(1);
  });

  test("each room imports only the packages that it may", () => {
    expect(packageMistakes(SOURCES)).toEqual([]);
  });

  test.each([
    planted("src/browser/a.ts", 'import b from "ms";'),
    planted("src/browser/a.ts", 'import { b } from "node:fs";'),
    planted("src/session/a.ts", 'import type { B } from "valibot";'),
    planted("src/react/a.ts", 'import { b } from "vue";'),
  ])("a package where it must not be is seen: $text", (source) => {
    expect(packageMistakes([source])).toHaveLength(1);
  });
});

describe("the platform", () => {
  test("each of its APIs is named in one file of a side, and on the lowest floors in none", () => {
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
  ])("%s in two files of a side: seen", (_name, rooms, text) => {
    const sources = rooms.map((room, at) => planted(`src/${room}/file-${at}.ts`, text));
    expect(platformMistakes(sources)).toHaveLength(1);
    expect(platformMistakes(sources.slice(1))).toEqual([]);
  });

  test.each(["session", "protocol"])("a clock in one file of %s is one too many", (room) => {
    const source = planted(`src/${room}/a.ts`, "export const a = performance.now();");
    expect(platformMistakes([source])).toHaveLength(1);
  });

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
});

/** What a person reads and a machine runs, everywhere in the repository. */
const FILES: readonly Source[] = [
  ...["src", "test", "e2e", "demo", "examples", "scripts", "docs", "bench"].flatMap((folder) =>
    existsSync(join(ROOT, folder)) ? sourcesIn(folder, /\.(?:tsx?|mjs|js|md|css|html|json)$/) : [],
  ),
  ...["README.md", "SECURITY.md", "CHANGELOG.md", "package.json", "package-lock.json", ".npmrc", ".ci/run"]
    .filter((path) => existsSync(join(ROOT, path)))
    .map((path) => planted(path, readFileSync(join(ROOT, path), "utf8"))),
];
const OWN_FOLDER = /(?<![\w.:)}*/-])\/(?:home|root|Users|work|mnt|opt|workspace)\/[\w.]|\b[A-Z]:\\Users/;
const OTHER_REGISTRY = /\bregistry\.[\w-]+\.[a-z]{2,}\b|"resolved":/;

describe("the house", () => {
  test.each(SOURCES.map((source) => [source.path, source] as const))(
    "%s keeps its rules",
    (_path, { text }) => {
      expect(text.split("\n").length).toBeLessThanOrEqual(251);
      expect(text).toMatch(/^\/(?:\*\*|\/) ?\S|^\/\*\*\n \* \S/);
      expect(text).not.toMatch(/^export default|\bas default\b/m);
      expect(withoutComments(text)).not.toMatch(/(?:[:<|,=(]|\bas|\breadonly) *any\b/);
    },
  );

  test("every public room has its source and its declarations", () => {
    const targets = Object.values(manifest.exports).filter((target) => typeof target === "object");
    for (const target of targets) {
      expect(SOURCES.map(({ path }) => path)).toContain(sourceOf(target.default));
      expect(target.types).toBe(target.default.replace(/\.js$/, ".d.ts"));
    }
    expect(Object.keys(manifest.exports)).toEqual([
      ".",
      "./warning",
      "./react",
      "./vue",
      "./server",
      "./server/sqlite",
      "./package.json",
    ]);
  });

  test("the build makes exactly the public rooms and the script include", async () => {
    const { default: builds }: RollupConfig = await import(
      pathToFileURL(join(ROOT, "rollup.config.mjs")).href
    );
    const rooms = Object.values(manifest.exports).flatMap((target) =>
      typeof target === "object" ? [sourceOf(target.default)] : [],
    );
    expect(builds.map(({ input }) => input)).toEqual([rooms, "src/script-include.ts"]);
  });

  test("no test is left out or alone", () => {
    const tests = [...sourcesIn("test"), ...sourcesIn("e2e")].filter(
      ({ path }) => !path.startsWith("test/walls/"),
    );
    expect(tests.length).toBeGreaterThan(30);
    expect(tests.filter(({ text }) => LEFT_OUT.test(text)).map(({ path }) => path)).toEqual([]);
  });

  test.each([
    ["test", "only"],
    ["describe", "skip"],
    ["test", "concurrent", "skip"],
    ["it", "todo"],
    ["test", "fixme"],
    ["test", "skipIf"],
  ])("a mark made of %s and %s is seen", (...parts) => {
    const text = `${parts.join(".")}(1)`;
    expect(text).toMatch(LEFT_OUT);
  });

  test("no file names the machine that it was written on", () => {
    const named = FILES.filter(({ text }) => OWN_FOLDER.test(text) || OTHER_REGISTRY.test(text));
    expect(named.map(({ path }) => path).filter((path) => path !== "test/walls/walls.test.ts")).toEqual([]);
  });

  test.each(['cd "/home/ann/curfew"', "/root/.cache/x", "at /opt/app/src", "C:\\Users\\ann"])(
    "%s is seen as somebody's own folder",
    (text) => {
      expect(text).toMatch(OWN_FOLDER);
    },
  );
});

/** With or without a condition: each of them would leave a test out in silence, or all others. */
const LEFT_OUT = /\b(?:test|it|describe)(?:\.\w+)*\.(?:only|skip|todo|fixme|fails|skipIf|runIf)\(/;

interface RollupConfig {
  readonly default: readonly { readonly input: string | readonly string[] }[];
}

function sourceOf(built: string): string {
  return built.replace("./dist/", "src/").replace(/\.js$/, ".ts");
}
