/** docs/privacy.md names what is kept, and nothing is kept that it does not name. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");
const PAGE = read("docs/privacy.md");

/** The members that records may have; the file does not compile where it lacks one. */
function membersOf(schema: string): readonly string[] {
  const [, body = ""] =
    new RegExp(`const ${schema} = v\\.looseObject\\(\\{\\n(.*?)\\n\\} satisfies`, "s").exec(
      read("src/server/record/schemas.ts"),
    ) ?? [];
  return [...body.matchAll(/^ {2}(\w+):/gm)].map(([, name = ""]) => name);
}

/** What the first column of the n-th table below the heading of the store names. */
function namedInStore(table: number): readonly string[] {
  const [, section = ""] = PAGE.split("## In the store");
  const tables = (section.split(/^## /m)[0] ?? "").split("| member | what it is |").slice(1);
  const rows = (tables[table] ?? "").split("\n").filter((line) => line.startsWith("| `"));
  return rows.flatMap((row) =>
    [...(row.split(" | ")[0] ?? "").matchAll(/`(\w+)`/g)].map(([, name = ""]) => name),
  );
}

test.each([
  ["sessionSchema", 0],
  ["subjectSchema", 1],
] as const)("each member of a record that a store keeps is named, and no other: %s", (schema, table) => {
  const kept = membersOf(schema);
  expect(kept.length).toBeGreaterThan(8);
  expect([...namedInStore(table)].sort()).toEqual([...kept].sort());
});

/** Where a page keeps something, by the API that does it. */
const KEEPERS: Readonly<Record<string, readonly [api: RegExp, named: string]>> = {
  "src/browser/key/store.ts": [/createStore\(`curfew:\$\{name\}`/, "IndexedDB `curfew:NAME`"],
  "src/browser/input/carried-over.ts": [/localStorage/, "`localStorage` `curfew:NAME:unreported`"],
  "src/drafts/keep-drafts.ts": [/sessionStorage/, "`sessionStorage` `curfew-draft:…`"],
};

test("each place where a page keeps something is named, and there is no other in the code of a page", () => {
  const rooms = ["browser", "drafts", "frame", "notice", "react", "vue", "warning", "dom"];
  const files = rooms.flatMap((room) =>
    readdirSync(join(ROOT, "src", room), { recursive: true, encoding: "utf8" })
      .filter((file) => /\.tsx?$/.test(file))
      .map((file) => join("src", room, file)),
  );
  const code = (file: string) => read(file).replace(/\/\*.*?\*\/|\/\/.*$/gms, "");
  const keeping = files.filter((file) =>
    /\b(?:localStorage|sessionStorage|indexedDB|createStore\(`|document\.cookie|caches\.open)/.test(
      code(file),
    ),
  );
  expect(keeping.sort()).toEqual(Object.keys(KEEPERS).sort());
  for (const [file, [api, named]] of Object.entries(KEEPERS)) {
    expect(read(file)).toMatch(api);
    expect(PAGE).toContain(named);
  }
});

test("the cookies are named", () => {
  expect(read("src/server/http/cookies.ts")).toContain("__Host-");
  for (const name of ["`__Host-curfew`", "`__Host-curfew.end`"]) expect(PAGE).toContain(name);
});
