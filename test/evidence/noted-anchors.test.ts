/** How far logs are anchored through each other: from outside, and along heads below an anchor, and no further. */
import { expect, test } from "vitest";
import { anchorsOf, type NotedHead } from "../../src/evidence/noted-anchors.js";

/** So many records of `origin` stand as a head in record `seq` of `by`. */
const head = (origin: string, size: number, by: string, seq: number): NotedHead => ({
  origin,
  size,
  by,
  seq,
});
const sizesOf = (outside: Readonly<Record<string, number>>, noted: readonly NotedHead[]) =>
  Object.fromEntries(
    [...anchorsOf(new Map(Object.entries(outside)), noted)].map(([name, { size }]) => [name, size]),
  );

test("a head in a record below the anchor anchors; in the first record above it, it does not", () => {
  expect(sizesOf({ a: 0, b: 10 }, [head("a", 7, "b", 9)])).toEqual({ a: 7, b: 10 });
  expect(sizesOf({ a: 0, b: 10 }, [head("a", 7, "b", 10)])).toEqual({ a: 0, b: 10 });
});

test("of several heads the longest counts, and an anchor of the log's own that is longer stays", () => {
  const noted = [head("a", 5, "b", 1), head("a", 8, "b", 4), head("a", 20, "b", 11)];
  expect(sizesOf({ a: 0, b: 10 }, noted)).toEqual({ a: 8, b: 10 });
  expect(sizesOf({ a: 9, b: 10 }, noted)).toEqual({ a: 9, b: 10 });
});

test("logs that vouch for each other alone anchor nothing", () => {
  expect(sizesOf({ a: 0, b: 0 }, [head("a", 5, "b", 0), head("b", 5, "a", 0)])).toEqual({ a: 0, b: 0 });
});

test("a chain of logs is followed to its end, whatever the order of its heads, and tells its way", () => {
  const noted = [head("c", 4, "b", 5), head("b", 6, "a", 2), head("d", 3, "c", 4)];
  for (const order of [noted, noted.toReversed()]) {
    expect(sizesOf({ a: 3, b: 0, c: 0, d: 0 }, order)).toEqual({ a: 3, b: 6, c: 4, d: 0 });
    const way = anchorsOf(new Map(Object.entries({ a: 3, b: 0, c: 0, d: 0 })), order).get("c");
    expect(way).toEqual({
      size: 4,
      through: {
        head: noted[0],
        anchor: { size: 6, through: { head: noted[1], anchor: { size: 3, through: null } } },
      },
    });
  }
});

test("a log that is not among those that hold neither anchors nor is anchored", () => {
  expect(sizesOf({ a: 0 }, [head("a", 5, "b", 0)])).toEqual({ a: 0 });
  expect(sizesOf({ b: 9 }, [head("a", 5, "b", 0)])).toEqual({ b: 9 });
});
