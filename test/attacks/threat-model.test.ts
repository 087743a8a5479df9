/** Holds the table of docs/threat-model.md to the tests that it names, and the attacks' tests to the table. */
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const textOf = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const FOLDER = "test/attacks/";

/** A file of the table, and the test in it; in this folder the row's number names the test. */
interface NamedTest {
  readonly row: number;
  readonly file: string;
  readonly name: string | null;
}

const rows = textOf("docs/threat-model.md")
  .split("\n")
  .filter((line) => /^\| \d+ \|/.test(line))
  .map((line) => {
    const [, number = "", attack = "", outcome = "", tests = ""] = line
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim());
    return { row: Number(number), attack, outcome, tests };
  });

const named: readonly NamedTest[] = rows.flatMap(({ row, tests }) =>
  [...tests.matchAll(/`([^`]+)`(?: "([^"]+)")?/g)].map(([, file = "", name]) => ({
    row,
    file,
    name: name ?? null,
  })),
);

/** The rows' numbers that the tests of a file begin with. */
const numbersIn = (text: string) =>
  [...text.matchAll(/["`](\d+(?:, \d+)*): /g)].flatMap(([, numbers = ""]) => numbers.split(", ").map(Number));

test("the table numbers its attacks without a gap, each with what happens", () => {
  expect(rows.length).toBeGreaterThan(140);
  expect(rows.map(({ row }) => row)).toEqual([...rows.keys()].map((at) => at + 1));
  for (const { row, attack, outcome } of rows) expect([attack, outcome], `row ${row}`).not.toContain("");
});

test("a row without a test says that it is not in this release", () => {
  for (const { row, outcome, tests } of rows)
    if (tests === "–") expect(outcome, `row ${row}`).toMatch(/^not in this release: /);
  expect(rows.filter(({ tests }) => tests === "–").length).toBeLessThanOrEqual(4);
});

test("every test that the table names exists", () => {
  expect(named.length).toBeGreaterThan(120);
  for (const { row, file, name } of named) {
    const text = textOf(file);
    if (name !== null)
      expect(text.includes(`${name}"`) || text.includes(`${name}\``), `${row}: ${name}`).toBe(true);
    else expect(numbersIn(text), `${row}: ${file}`).toContain(row);
  }
  const elsewhere = named.filter(({ file }) => !file.startsWith(FOLDER));
  expect(elsewhere.filter(({ name }) => name === null)).toEqual([]);
});

test("every test of an attack stands in the table, in its row", () => {
  const files = readdirSync(new URL(".", import.meta.url)).filter((name) => name.endsWith(".test.ts"));
  const missing = files.flatMap((name) => {
    const file = `${FOLDER}${name}`;
    const numbers = name === "threat-model.test.ts" ? [] : [...new Set(numbersIn(textOf(file)))];
    return numbers
      .filter((row) => !named.some((known) => known.row === row && known.file === file))
      .map((row) => `${row}: ${file}`);
  });
  expect(files.length).toBeGreaterThan(10);
  expect(missing).toEqual([]);
});
