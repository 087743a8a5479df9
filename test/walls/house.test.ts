import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import {
  exportedKeys,
  houseMistakes,
  hurriedTests,
  leftOut,
  lostCitations,
  machineNames,
} from "./house-rules.js";
import { planted, ROOT, type Source, sourcesIn } from "./sources.js";

const SOURCES = sourcesIn("src");
const load = (path: string): Promise<unknown> => import(pathToFileURL(join(ROOT, path)).href);
const readJson = (path: string): unknown => JSON.parse(readFileSync(join(ROOT, path), "utf8"));

describe("a file of src", () => {
  test.each(SOURCES.map((source) => [source.path, source] as const))(
    "%s keeps its rules",
    (_path, source) => {
      expect(houseMistakes(source)).toEqual([]);
    },
  );

  const FIRST = "/** What this file is for. */\n";
  test.each([
    ["too long", FIRST + "const a = 1;\n".repeat(250)],
    ["without a first comment", "export const a = 1;\n"],
    ["with an empty first comment", "/** */\nexport const a = 1;\n"],
    ["whose first comment is no sentence", "// clock\nexport const a = 1;\n"],
    ["whose comment comes late", `import "./b.js";\n${FIRST}`],
    ["with a default export", `${FIRST}export default 1;\n`],
    ["with a default export by name", `${FIRST}const a = 1;\nexport { a as default };\n`],
    ["with any", `${FIRST}export const a = (b: any) => b;\n`],
    ["with any in a list", `${FIRST}export type A = readonly any[];\n`],
    ["with any in angles", `${FIRST}export type A = Promise<any>;\n`],
    ["with any for an answer", `${FIRST}export type A = () => any;\n`],
    ["with what older browsers lack", `${FIRST}export const a = (b: object) => Object.hasOwn(b, "c");\n`],
    ["with a method that they lack", `${FIRST}export const a = (b: number[]) => b.findLast(Boolean);\n`],
    ["with a selector that they lack", `${FIRST}export const a = "p:has(b)";\n`],
    ["that asks by one", `${FIRST}export const a = (b: Element) => b.matches(":popover-open");\n`],
    ["that reads what markup can shadow", `${FIRST}export const a = document.body;\n`],
    ["that reads it of a frame", `${FIRST}export const a = (view: Window) => view.document?.hidden;\n`],
    ["with any by force", `${FIRST}export const a = 1 as any;\n`],
  ])("%s is seen", (_name, text) => {
    expect(houseMistakes(planted("src/session/a.ts", text))).toHaveLength(1);
  });

  test.each([
    ["of 250 lines", FIRST + "const a = 1;\n".repeat(249)],
    [
      "that says any in a comment",
      `${FIRST}// Not any: unknown.\n/** as any input */\nexport const a = 1;\n`,
    ],
    ["with its sentence on a second line", "/**\n * What this file is for.\n */\nexport const a = 1;\n"],
    ["with what runs it before its comment", `#!/usr/bin/env node\n${FIRST}`],
    [
      "that reads it where nothing can",
      `${FIRST}export const a = unshadowed(document).body;\nexport const b = typeof document;\n`,
    ],
    ["with a name that any is part of", `${FIRST}export const a: anything = 1;\n`],
  ])("%s is left alone", (_name, text) => {
    expect(houseMistakes(planted("src/session/a.ts", text))).toEqual([]);
  });
});

interface RollupConfig {
  readonly default: readonly { readonly input: string | readonly string[] }[];
}
interface Rooms {
  readonly ROOMS: Readonly<Record<string, string | object>>;
  readonly ROOM_SOURCES: readonly string[];
  exportsOf(rooms: Rooms["ROOMS"]): Readonly<Record<string, unknown>>;
}

describe("the package", async () => {
  const manifest = readJson("package.json") as Record<"exports" | "bin", Record<string, string>>;
  const { ROOMS, ROOM_SOURCES, exportsOf } = (await load("scripts/rooms.mjs")) as Rooms;
  const paths = SOURCES.map(({ path }) => path);
  const sourceOf = (name: string) => `src/${name}.ts`;

  test("has a source for every public room, and the manifest that its list of rooms gives", () => {
    for (const name of ROOM_SOURCES) expect(paths).toContain(sourceOf(name));
    expect(manifest.exports).toEqual(exportsOf(ROOMS));
  });

  test("is built of exactly its public rooms, its programs, what is bundled with a library, and the scripts", async () => {
    const { default: builds } = (await load("rollup.config.mjs")) as RollupConfig;
    const rooms = ROOM_SOURCES.map(sourceOf);
    const programs = Object.values(manifest.bin).map((file) => sourceOf(file.replace(/^dist\/|\.js$/g, "")));
    const withLibrary = ["src/browser/tabs/channel.ts", "src/server/policy/likely-key.ts"];
    expect(builds.map(({ input }) => input)).toEqual([
      "src/script-include.ts",
      "src/frame-include.ts",
      "src/drafts-include.ts",
      rooms,
      ...withLibrary,
      [...rooms, ...programs],
      ...withLibrary,
    ]);
  });

  test("looks beside its modules only where the build carries along what is there", async () => {
    const config = readFileSync(join(ROOT, "rollup.config.mjs"), "utf8");
    const looking = SOURCES.filter(({ text }) => text.includes("import.meta")).map(({ path }) => path);
    expect(looking).toEqual([
      "src/cli/init/texts.ts",
      "src/server/http/script-texts.ts",
      "src/server/platform/version.ts",
    ]);
    for (const path of looking) expect(config).toContain(`"${path.replace("src/", "")}": () =>`);
  });
});

interface Lock {
  readonly packages: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

describe("the lock", () => {
  const lock = readJson("package-lock.json") as Lock;

  test("has every platform's package, and no address that one was downloaded from", async () => {
    const { lockMistakes } = (await load("scripts/check-lock.mjs")) as {
      lockMistakes(lock: Lock): readonly string[];
    };
    expect(Object.keys(lock.packages).length).toBeGreaterThan(100);
    expect(lockMistakes(lock)).toEqual([]);
  });

  test("asks for what package.json asks for, and knows the hash of all of it", () => {
    const manifest = readJson("package.json") as Record<string, unknown>;
    for (const kind of ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"])
      expect(lock.packages[""]?.[kind]).toEqual(manifest[kind]);
    const unknown = Object.entries(lock.packages).filter(
      ([place, { integrity, link }]) => place !== "" && link !== true && !/^sha512-/.test(String(integrity)),
    );
    expect(unknown.map(([place]) => place)).toEqual([]);
  });
});

describe("a test", () => {
  test("is never left out or alone", () => {
    const tests = [...sourcesIn("test"), ...sourcesIn("e2e")];
    expect(tests.length).toBeGreaterThan(30);
    expect(leftOut(tests)).toEqual([]);
  });

  // In parts, so that this file carries no mark itself.
  test.each([
    [["test", "only"], "("],
    [["describe", "skip"], "("],
    [["test", "concurrent", "skip"], "("],
    [["it", "todo"], "("],
    [["test", "fixme"], "("],
    [["test", "skipIf"], "("],
    [["test", "only", "each"], "("],
    [["test", "describe", "only"], "("],
    [["test", "skip"], "\n  ("],
    [["testInfo", "skip"], "("],
    [["{ skip", " true }"], ": true"],
  ])("with the mark %j is seen", ([first = "", ...rest], end) => {
    const text = first.startsWith("{") ? `${first}${end} }` : [first, ...rest].join(".") + end;
    expect(leftOut([planted("test/a.test.ts", text)])).toEqual(["test/a.test.ts"]);
  });

  test("that only speaks of such things is left alone", () => {
    const text = 'test("skips only what it must", () => items.skip(1)); const latest = best.only;';
    expect(leftOut([planted("test/a.test.ts", text)])).toEqual([]);
  });
});

describe("an end-to-end test", () => {
  test("has no time that does not follow the machine's pace", () => {
    expect(hurriedTests(sourcesIn("e2e"))).toEqual([]);
  });

  test.each([
    ["await page.waitForTimeout(700);"],
    ["await expect(dialog(page)).toBeVisible({ timeout: 1_000 });"],
    ["await expect(dialog(page)).toHaveText('x', {\n  timeout: 12_000,\n});"],
    ["test.setTimeout(60_000);"],
  ])("with %j is seen", (text) => {
    expect(hurriedTests([planted("e2e/a.spec.ts", text)])).toHaveLength(1);
  });

  test("whose times follow it is left alone", () => {
    const text = "await wait(paced(700)); await expect(x).toBeVisible({ timeout: paced(1_000) });";
    expect(hurriedTests([planted("e2e/a.spec.ts", text)])).toEqual([]);
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

describe("a file of the repository", () => {
  test("does not name the machine that it was written on", () => {
    expect(FILES.length).toBeGreaterThan(150);
    expect(machineNames(FILES)).toEqual([]);
  });

  // In parts, so that this file names none itself.
  test.each([
    ['cd "', ["", "home", "ann", "curfew"], "/"],
    ["", ["", "root", ".cache", "x"], "/"],
    ["at ", ["", "opt", "app", "src"], "/"],
    ["", ["C:", "Users", "ann"], "\\"],
    ["https://", ["registry", "example", "org"], "."],
    ["", ['"resolved"', ' "x"'], ":"],
  ])("that names %s%j is seen", (before, parts, joint) => {
    expect(machineNames([planted("docs/a.md", before + parts.join(joint))])).toEqual(["docs/a.md"]);
  });

  test.each([
    [["", "session", "home", "x"]],
    [["https:", "", "example.org", "work", "list"]],
    [["src", "root", "a.ts"]],
    [["the registry of npm"]],
  ])("that names %j is left alone", (parts) => {
    expect(machineNames([planted("docs/a.md", parts.join("/"))])).toEqual([]);
  });
});

describe("a key that Node has generated", () => {
  test("is encoded by its generation, and exported nowhere", () => {
    const code = FILES.filter(
      ({ path }) => /\.(?:tsx?|mjs|js)$/.test(path) && !path.includes("/compatibility/"),
    );
    expect(code.length).toBeGreaterThan(150);
    expect(exportedKeys(code)).toEqual([]);
  });

  // In parts, so that this file does none of it itself.
  test.each([
    [
      [
        "const { publicKey } = generateKeyPairSync",
        '("ec", { namedCurve: "P-256" }); publicKey.export({ format });',
      ],
    ],
    [["generateKeyPair", '("ec", { namedCurve: "P-256" }, (error, key) => key);']],
    [["await generateKeyPair", '("ES256");']],
    [["await crypto.subtle.exportKey", '("jwk", publicKey);']],
    [["await webcrypto.subtle.exportKey", "(\n  'jwk', publicKey);"]],
    [["await exportJWK", "(publicKey);"]],
  ])("%j is seen", (parts) => {
    expect(exportedKeys([planted("test/a.test.ts", parts.join(""))])).toHaveLength(1);
  });

  test.each([
    [
      "with its encoding",
      ["generateKeyPairSync", '("ec", { namedCurve, publicKeyEncoding: { type: "spki", format: "der" } });'],
    ],
    ["that is imported", ['createPublicKey({ key, format: "jwk" })', ".export({ format });"]],
    ["of a browser", ["crypto.subtle.exportKey", '("raw", publicKey);']],
  ])("one %s is left alone", (_what, parts) => {
    expect(exportedKeys([planted("test/a.test.ts", parts.join(""))])).toEqual([]);
  });
});

describe("a comment", () => {
  const code = FILES.filter(({ path }) => /\.(?:tsx?|mjs)$/.test(path) && !path.startsWith("test/walls/"));
  const isThere = (path: string) => existsSync(join(ROOT, path));

  test("names only files that the repository has", () => {
    expect(code.length).toBeGreaterThan(150);
    expect(lostCitations(code, isThere)).toEqual([]);
  });

  test.each([["// See gone/deadlines.ts."], ["/** As docs/gone.md says. */"]])("%j is seen", (text) => {
    expect(lostCitations([planted("src/session/a.ts", text)], isThere)).toHaveLength(1);
  });

  test.each([
    ["// See deadlines.ts."],
    ["/** As docs/protocol.md says. */"],
    ["// See protocol/problem.ts."],
    ["// https://example.org/a/gone.md"],
    ['const a = "gone.ts";'],
  ])("%j is left alone", (text) => {
    expect(lostCitations([planted("src/session/a.ts", text)], isThere)).toEqual([]);
  });
});
