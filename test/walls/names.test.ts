import { expect, test } from "vitest";
import { metaphors, sharedNames } from "./name-rules.js";
import { planted, sourcesIn } from "./sources.js";

const SOURCES = sourcesIn("src");

test("an exported name stands for one thing in rooms that know each other", () => {
  expect(sharedNames(SOURCES)).toEqual([]);
});

const presenter = "export interface Presenter {}\n";

test.each([
  ["in one room", "src/server/http/a.ts", "src/server/verifier/b.ts"],
  ["in a room and one below it", "src/warning/a.ts", "src/browser/b.ts"],
  ["in a room and one above it", "src/session/a.ts", "src/server/key/b.ts"],
])("a name that stands for two things %s is seen", (_name, one, other) => {
  expect(sharedNames([planted(one, presenter), planted(other, presenter)])).toHaveLength(1);
});

test("a name in two rooms that never meet is left alone", () => {
  const sources = [planted("src/server/a.ts", presenter), planted("src/browser/a.ts", presenter)];
  expect(sharedNames(sources)).toEqual([]);
});

test("no file and no code bears a metaphor's name", () => {
  expect(metaphors(SOURCES)).toEqual([]);
});

test.each([
  planted("src/browser/desk.ts", "export const a = 1;"),
  planted("src/browser/a.ts", "export function patiently() {}"),
  planted("src/browser/a.ts", "export const a = (b) => b.mirror;"),
  planted("src/browser/a.ts", "export interface Teller {}"),
])("a metaphor is seen: $path $text", (source) => {
  expect(metaphors([source])).toHaveLength(1);
});

test("a word of a text is no name", () => {
  expect(metaphors([planted("src/server/a.ts", 'export const a = "{ desk: 1 }"; // a mirror')])).toEqual([]);
});
