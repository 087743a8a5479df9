/** Holds the tables of the documents to the tests that they name. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

const textOf = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

/** The rows of a document's tables that name a test in their last cell. */
function rowsOf(path: string): readonly { readonly first: string; readonly tests: string }[] {
  return textOf(path)
    .split("\n")
    .filter((line) => /^\|.*\|$/.test(line) && !/^\| ?-/.test(line))
    .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()))
    .map((cells) => ({ first: cells[1] ?? "", tests: cells.at(-2) ?? "" }));
}

const namedIn = (cell: string) =>
  [...cell.matchAll(/`((?:e2e|test)\/[^`]+)` "([^"]+)"/g)].map(([, file = "", name = ""]) => ({
    file,
    name,
  }));

describe.each(["docs/field.md", "docs/accessibility.md"])("%s", (path) => {
  const named = rowsOf(path).flatMap(({ tests }) => namedIn(tests));

  test("names tests that exist", () => {
    expect(named.length).toBeGreaterThan(15);
    const missing = named.filter(({ file, name }) => !textOf(file).includes(name));
    expect(missing).toEqual([]);
  });
});

test("every behaviour that was tried in the field has its test", () => {
  const rows = rowsOf("docs/field.md").filter(({ first }) => /^[a-z]$/.test(first));
  expect(rows.map(({ first }) => first).join("")).toBe("abcdefghijklmnopq");
  for (const { first, tests } of rows) expect(namedIn(tests).length, first).toBeGreaterThan(0);
});
