// The table of the warning's kinds: what a new row needs beside itself, and that no other file knows a kind by its name.
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { GALLERY_STATES } from "../../demo/gallery-states.js";
import { KINDS, RUNGS } from "../../src/warning/kinds/kinds.js";
import { ENGLISH } from "../../src/words/english.js";

const ROOM = new URL("../../src/warning/", import.meta.url);
const NAMES = Object.keys(KINDS);

test.each(NAMES)("%s has its title, and a picture in the gallery", (name) => {
  expect(Object.keys(ENGLISH)).toContain(`${name}.title`);
  expect(Object.keys(GALLERY_STATES).some((state) => state === name || state.startsWith(`${name}-`))).toBe(
    true,
  );
});

test("no other file of the warning compares kinds by name", () => {
  const others = readdirSync(ROOM, { recursive: true, encoding: "utf8" }).filter(
    (file) => file.endsWith(".ts") && !file.endsWith("kinds.ts"),
  );
  const compares = new RegExp(`(?:kind|shown)\\b[^;\\n]{0,20}[!=]==? "(?:${NAMES.join("|")})"`, "i");
  expect(compares.test('if (nextKind === "ended")')).toBe(true);
  expect(others.filter((file) => compares.test(readFileSync(new URL(file, ROOM), "utf8")))).toEqual([]);
});

test("what covers the page is closed by nothing and speaks of no time left", () => {
  const covering = Object.values(KINDS).filter(({ covers }) => covers);
  expect(covering).toHaveLength(2);
  for (const row of covering) expect([row.escape, row.rungs]).toEqual([undefined, undefined]);
});

test("the rungs stand in order, each once", () => {
  expect(RUNGS).toEqual([...new Set(RUNGS)].sort((a, b) => a - b));
});
