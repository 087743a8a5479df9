import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  corridorMistakes,
  cycles,
  faceMistakes,
  floorMistakes,
  packageMistakes,
  platformMistakes,
} from "./rules.js";
import { codeOf, importsOf, ROOT, type Source, sourcesIn } from "./sources.js";

const SOURCES = sourcesIn("src");
const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
  exports: Record<string, string | { types: string; default: string }>;
};
const FACES = SOURCES.filter(({ path }) => path.endsWith("index.ts") && !/\/(?:react|vue)\//.test(path)).map(
  ({ path }) => path,
);

const planted = (path: string, text: string): Source => ({ path, text });

test("the walk sees the whole house", () => {
  expect(SOURCES.length).toBeGreaterThan(70);
  const seen = importsOf(
    planted(
      "src/a.ts",
      'import type { A } from "./a.js";\nimport "./b.js";\nexport { c } from "./c.js";\nawait import("./d.js");\n// import "./no.js"\n',
    ),
  );
  expect(seen).toEqual(["./a.js", "./b.js", "./c.js", "./d.js"]);
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
    ["two files with timers", ["browser", "browser"], "setTimeout(() => {}, 1);"],
    ["two files with the wall clock", ["server", "server"], "export const a = Date.now();"],
    ["two files with the network", ["browser", "browser"], 'await fetch("/x");'],
    [
      "two files with IndexedDB",
      ["browser", "browser"],
      'import { get } from "idb-keyval"; export const a = get;',
    ],
    ["a clock on the lowest floor", ["session"], "export const a = performance.now();"],
  ])("%s are seen", (_name, rooms, text) => {
    const sources = rooms.map((room, at) => planted(`src/${room}/file-${at}.ts`, text));
    expect(platformMistakes(sources)).toHaveLength(1);
  });

  test("names in comments, types and texts do not count", () => {
    const text =
      '// Date.now()\n/** setTimeout */\nexport type A = typeof Date.now;\nexport const a = "Date.now()";\n';
    expect(codeOf(planted("src/session/a.ts", text))).not.toContain("Date.now");
  });
});

describe("the house", () => {
  test.each(SOURCES.map((source) => [source.path, source] as const))(
    "%s keeps its rules",
    (_path, { text }) => {
      expect(text.split("\n").length).toBeLessThanOrEqual(251);
      expect(text).toMatch(/^\/(?:\*\*|\/) ?\S|^\/\*\*\n \* \S/);
      expect(text).not.toMatch(/^export default/m);
      expect(text).not.toMatch(/(?:: |<|as )any\b/);
    },
  );

  test("every public room has its source, and the build makes exactly these rooms", () => {
    const targets = Object.values(manifest.exports).filter((target) => typeof target === "object");
    for (const target of targets) {
      const source = target.default.replace("./dist/", "src/").replace(/\.js$/, ".ts");
      expect(SOURCES.map(({ path }) => path)).toContain(source);
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

  test("no test is left out or alone", () => {
    const tests = [...sourcesIn("test"), ...sourcesIn("e2e")].filter(
      ({ path }) => !path.startsWith("test/walls/"),
    );
    const marks = /\b(?:test|it|describe)\.(?:only|skip|todo|fixme|fails)\b/;
    expect(tests.filter(({ text }) => marks.test(text)).map(({ path }) => path)).toEqual([]);
  });
});
