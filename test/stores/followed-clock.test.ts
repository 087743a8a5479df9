import { expect, test } from "vitest";
import { followedClock } from "../../src/server/stores/followed-clock.js";

const HOUR = 60 * 60_000;
const START = 1_700_000_000_000;

/** A node's clock beside a server whose clock is moved by hand; each look takes `took` milliseconds. */
function beside() {
  let monotonic = 50;
  let server = START;
  const steps: (readonly [number, number])[] = [];
  const clock = followedClock(
    () => monotonic,
    (step, now) => steps.push([step, now]),
  );
  return {
    clock,
    steps,
    pass(duration: number) {
      monotonic += duration;
      server += duration;
    },
    set(duration: number) {
      server += duration;
    },
    look(took = 0, recordTime = 0): number {
      const sentAt = monotonic;
      const decided = Math.max(server, clock.floor(), recordTime);
      const reading = server;
      monotonic += took;
      server += took;
      clock.observe(reading, decided, sentAt);
      return decided;
    },
  };
}

test("asks for nothing before the first answer, and goes by the server alone from then on", () => {
  const { clock, look, pass } = beside();
  expect(clock.floor()).toBe(0);
  expect(look()).toBe(START);
  pass(1_500);
  expect(look()).toBe(START + 1_500);
  expect(clock.floor()).toBe(START + 1_500);
});

test("a server's clock that is set back gains nobody time, is told of once, and time goes on", () => {
  const { clock, look, pass, set, steps } = beside();
  look();
  pass(10_000);
  look();
  set(-HOUR);
  expect(look()).toBe(START + 10_000);
  pass(5_000);
  expect(look()).toBe(START + 15_000);
  pass(250);
  expect(clock.floor()).toBe(START + 15_250);
  expect(steps).toEqual([[-HOUR, START + 10_000]]);
});

test("a clock that is set back while nobody asks loses less than the tolerance of a second", () => {
  const { look, pass, set } = beside();
  look();
  pass(20 * 60_000);
  set(-HOUR);
  expect(look()).toBe(START + 20 * 60_000 - 1_000);
  expect(look()).toBe(START + 20 * 60_000);
});

test("the way to a server that is behind does not slow time down", () => {
  const { look, pass, set } = beside();
  look();
  set(-HOUR);
  look();
  for (let at = 0; at < 1_000; at++) {
    look(30);
    pass(1);
  }
  expect(look()).toBe(START + 31_000);
});

test("a clock that is set forward is followed and told of", () => {
  const { look, set, steps } = beside();
  look();
  set(HOUR);
  expect(look()).toBe(START + HOUR);
  expect(steps).toEqual([[HOUR, START + HOUR]]);
});

test("a clock that comes back to where the time is by now is gone by again", () => {
  const { clock, look, pass, set, steps } = beside();
  look();
  set(-2_000);
  look();
  pass(5_000);
  set(2_000);
  expect(look()).toBe(START + 5_000);
  pass(2_000);
  expect(clock.floor()).toBe(START + 6_000);
  expect(steps).toEqual([[-2_000, START]]);
});

test("a step of less than a second is none, and time stands still until it is over", () => {
  const { look, pass, set, steps } = beside();
  look();
  set(-900);
  expect(look()).toBe(START);
  pass(900);
  expect(look()).toBe(START);
  pass(1);
  expect(look()).toBe(START + 1);
  expect(steps).toEqual([]);
});

test("an answer that was long on its way is no step", () => {
  const { look, pass, steps } = beside();
  look();
  pass(100);
  look(5_000);
  expect(look()).toBe(START + 5_100);
  expect(steps).toEqual([]);
});

test("a record that another node has written later takes this node's time with it", () => {
  const { clock, look, pass, steps } = beside();
  look();
  expect(look(0, START + HOUR)).toBe(START + HOUR);
  pass(1);
  expect(clock.floor()).toBe(START + HOUR + 1);
  expect(look()).toBe(START + HOUR + 1);
  expect(steps).toEqual([[-HOUR, START + HOUR]]);
});

test("a record that is later by less than a second is gone by, and no step", () => {
  const { look, steps } = beside();
  look();
  expect(look(0, START + 400)).toBe(START + 400);
  expect(look()).toBe(START + 400);
  expect(steps).toEqual([]);
});

test("two masters whose clocks differ are told of once a minute, not with each answer", () => {
  const { look, pass, set, steps } = beside();
  look();
  for (let at = 0; at < 100; at++) {
    set(at % 2 === 0 ? -5_000 : 5_000);
    look();
    pass(1_000);
  }
  expect(steps.map(([step]) => step)).toEqual([-5_000, -5_000]);
});
