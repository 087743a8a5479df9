import fc from "fast-check";
import { expect, test } from "vitest";
import { steadyClock } from "../../src/server/platform/clock.js";
import { createTestClock } from "./support/test-clock.js";

test("time goes on by the monotonic clock while the wall clock is behind, and follows it again when it is right", () => {
  const clock = createTestClock(1_000_000);
  const steps: number[] = [];
  const now = steadyClock(clock, (step) => steps.push(step));
  clock.step(-3_600_000);
  clock.advance(500);
  expect(now()).toBe(1_000_500);
  clock.advance(500);
  expect(now()).toBe(1_001_000);
  clock.step(3_600_000);
  clock.advance(500);
  expect(now()).toBe(1_001_500);
  expect(steps).toEqual([-3_600_000]);
});

test("a step forward is followed and told of", () => {
  const clock = createTestClock(1_000_000);
  const steps: number[] = [];
  const now = steadyClock(clock, (step) => steps.push(step));
  clock.step(3_600_000);
  expect(now()).toBe(4_600_000);
  expect(now()).toBe(4_600_000);
  expect(steps).toEqual([3_600_000]);
});

test("time never runs back and never falls behind what has really passed, whatever anyone does to the wall clock", () => {
  const step = fc.record({
    advance: fc.integer({ min: 0, max: 10_000 }),
    step: fc.integer({ min: -1e7, max: 1e7 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (moves) => {
      const clock = createTestClock(1e9);
      const now = steadyClock(clock);
      let last = now();
      for (const move of moves) {
        clock.step(move.step);
        clock.advance(move.advance);
        const next = now();
        expect(next).toBeGreaterThanOrEqual(last);
        expect(next - last).toBeGreaterThanOrEqual(move.advance - 1_000);
        last = next;
      }
    }),
  );
});

test("time goes on from the highest value known before a restart", () => {
  const clock = createTestClock(1_000_000);
  const now = steadyClock(clock, undefined, 2_000_000);
  clock.advance(700);
  expect(now()).toBe(2_000_700);
});
