import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { exportMistakes } from "./export-rules.js";
import { planted, ROOT, sourcesIn } from "./sources.js";

const SOURCES = sourcesIn("src");
const OTHERS = ["test", "e2e", "demo", "bench"].flatMap((folder) => sourcesIn(folder));

const { ROOM_SOURCES }: { readonly ROOM_SOURCES: readonly string[] } = await import(
  pathToFileURL(join(ROOT, "scripts/rooms.mjs")).href
);
/** What adopters and pages import. */
const FACES = [...ROOM_SOURCES, "script-include"].map((name) => `src/${name}.ts`);

test("whatever is exported is imported by somebody, and every function of the product is called by it", () => {
  expect(exportMistakes(SOURCES, OTHERS, FACES)).toEqual([]);
});

const made = planted("src/session/a.ts", "export function a() {}\n");
const used = planted("src/browser/b.ts", 'import { a } from "../session/a.js";\n');
const double = planted("src/testing/b.ts", 'import { a } from "../session/a.js";\n');
const tried = planted("test/session/a.test.ts", 'import {\n  a,\n} from "../../src/session/a.js";\n');

test.each([
  ["that nobody imports", [made], []],
  ["that only a test calls", [made], [tried]],
  ["that only a double calls", [made, double], []],
  ["of a type that nobody imports", [planted("src/session/a.ts", "export interface A {}\n")], []],
  [
    "of a name that another file imports of another one",
    [made, planted("src/b.ts", 'import { a } from "./c.js";\n')],
    [],
  ],
])("an export %s is seen", (_name, sources, others) => {
  expect(exportMistakes(sources, others, [])).toHaveLength(1);
});

test.each([
  ["that production calls", [made, used], [], []],
  [
    "that its own file uses and a test tries",
    [planted(made.path, "export function a() {}\na();\n")],
    [tried],
    [],
  ],
  ["of a face", [made], [], [made.path]],
  [
    "that is asked for when it is needed",
    [made, planted("src/b.ts", 'await import("./session/a.js");\n')],
    [],
    [],
  ],
])("an export %s is left alone", (_name, sources, others, faces) => {
  expect(exportMistakes(sources, others, faces)).toEqual([]);
});
