/** The server's time as the browser estimates it. */
import { beforeEach, expect, test } from "vitest";
import { createServerClock, type ServerClock } from "../../src/browser/verifier/server-clock.js";
import { FakeClock } from "./fake-clock.js";

const SERVER_OFFSET = 5_000_000;
let clock: FakeClock;
let drops: number;
let serverClock: ServerClock;

beforeEach(() => {
  clock = new FakeClock();
  drops = 0;
  serverClock = createServerClock(clock, () => drops++);
});

/** A round trip in which the server read its clock after `there`, and the answer took `back`. */
function sample(there: number, back: number): void {
  const sentAt = clock.monotonic();
  clock.block(there);
  const now = Math.floor(clock.monotonic() + SERVER_OFFSET);
  clock.block(back);
  serverClock.add({ now, sentAt, receivedAt: clock.monotonic() });
}
const error = () => (serverClock.now() ?? Number.NaN) - (clock.monotonic() + SERVER_OFFSET);

test("knows nothing before the first answer", () => {
  expect([serverClock.now(), serverClock.at(1), serverClock.reckon()]).toEqual([null, null, null]);
});

test("is right to half the round trip", () => {
  sample(80, 20);
  expect(Math.abs(error())).toBeLessThanOrEqual(50);
});

test("believes the smallest round trip of the last ones", () => {
  sample(2, 2);
  sample(900, 10);
  sample(10, 700);
  expect(Math.abs(error())).toBeLessThanOrEqual(2);
});

test("lets a good sample grow old", () => {
  sample(5, 5);
  clock.block(3_600_000);
  sample(8, 8);
  serverClock.add({
    now: clock.monotonic() + SERVER_OFFSET + 77,
    sentAt: clock.monotonic() - 12,
    receivedAt: clock.monotonic(),
  });
  expect(error()).toBeGreaterThan(50);
});

test("dates an event on its own scale, in whole milliseconds, never after now", () => {
  sample(0, 0);
  const at = clock.monotonic();
  clock.block(500);
  expect(serverClock.at(at + 0.9)).toBe(at + SERVER_OFFSET);
  expect(serverClock.at(at + 9999)).toBe(serverClock.now());
});

test.each([3_600_000, -3_600_000, 1001])("drops its samples when the wall clock jumps by %i ms", (jump) => {
  sample(1, 1);
  clock.wallOffset += jump;
  expect([serverClock.now(), serverClock.at(1)]).toEqual([null, null]);
  expect(drops).toBe(1);
  sample(1, 1);
  expect(Math.abs(error())).toBeLessThanOrEqual(1);
});

test("bears what a clock is corrected by", () => {
  sample(1, 1);
  clock.wallOffset += 999;
  expect(serverClock.now()).not.toBeNull();
});

test("reckons with the later of the two clocks after a jump, for what is covered", () => {
  sample(0, 0);
  const before = serverClock.reckon() ?? 0;
  clock.sleep(60_000);
  expect(serverClock.reckon()).toBe(before + 60_000);
  clock.wallOffset -= 120_000;
  expect(serverClock.reckon()).toBe(before);
});

test("still reckons after its samples were dropped", () => {
  sample(0, 0);
  serverClock.drop();
  clock.block(1000);
  expect(serverClock.now()).toBeNull();
  expect(serverClock.reckon()).toBe(clock.monotonic() + SERVER_OFFSET);
});
