// The words, and time in words.
import fc from "fast-check";
import { expect, test } from "vitest";
import { shownTime, stepOf } from "../../src/warning/kinds/shown-time.js";
import { ENGLISH, fill } from "../../src/words/english.js";
import { createTimeWords } from "../../src/words/intl.js";

const anyRemaining = fc.double({ min: 0, max: 86_400_000, noNaN: true });

test("the clock never shows more than is left, and never less by more than its step", () => {
  fc.assert(
    fc.property(anyRemaining, fc.boolean(), (remaining, calm) => {
      const shown = shownTime(remaining, calm);
      expect(shown).toBeLessThanOrEqual(remaining);
      expect(remaining - shown).toBeLessThan(stepOf(remaining, calm));
    }),
  );
});

test("the clock never runs backwards", () => {
  fc.assert(
    fc.property(anyRemaining, anyRemaining, fc.boolean(), (a, b, calm) => {
      expect(shownTime(Math.min(a, b), calm)).toBeLessThanOrEqual(shownTime(Math.max(a, b), calm));
    }),
  );
});

test.each([
  [600_000, "10 minutes"],
  [179_999, "2 minutes"],
  [120_000, "2 minutes"],
  [119_999, "1 minute, 50 seconds"],
  [61_000, "1 minute"],
  [59_999, "59 seconds"],
  [1000, "1 second"],
  [999, "0 seconds"],
])("%i ms are shown as %s", (remaining, text) => {
  expect(createTimeWords("en").duration(shownTime(remaining, false))).toBe(text);
});

test("a locale that no browser can read gives English", () => {
  expect(createTimeWords("not a tag").duration(60_000)).toBe("1 minute");
});

test("the words avoid the trade's own, and straight quotes", () => {
  for (const text of Object.values(ENGLISH)) {
    expect(text).not.toMatch(/session|timeout|time-out|inactiv|expire|["']/i);
  }
});

test("spoken sentences put the time first and are at most 12 words long", () => {
  for (const key of ["idle.live", "absolute.live"] as const) {
    expect(ENGLISH[key]).toMatch(/^\{duration\}/);
    expect(fill(ENGLISH[key], { duration: "30 seconds" }).split(" ").length).toBeLessThanOrEqual(12);
  }
});

test("fill leaves a slot without a value as it is", () => {
  expect(fill("at {clock}, {other}", { clock: "14:32" })).toBe("at 14:32, {other}");
});
