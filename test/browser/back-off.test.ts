/** The bounds of every wait between two attempts. */
import { expect, test } from "vitest";
import { backOff } from "../../src/browser/platform/clock.js";

test.each([
  [0, 500, 750],
  [1, 1000, 1500],
  [2, 2000, 3000],
  [3, 4000, 6000],
  [4, 8000, 12_000],
  [5, 10_000, 15_000],
  [60, 10_000, 15_000],
  [5000, 10_000, 15_000],
])("after %i failures it is from %i to under %i ms", (failures, least, most) => {
  expect(backOff(500, { failures, random: 0 })).toBe(least);
  expect(backOff(500, { failures, random: 1 })).toBe(most);
});

test("is spread by chance", () => {
  const waits = new Set([0, 0.25, 0.5, 0.75].map((random) => backOff(300, { failures: 0, random })));
  expect([...waits]).toEqual([300, 337.5, 375, 412.5]);
});
