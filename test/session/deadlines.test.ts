import fc from "fast-check";
import { expect, test } from "vitest";
import {
  acceptActivity,
  activityCouldExtend,
  deadlinesOf,
  isOver,
  type SessionTimes,
  stricterTimeouts,
} from "../../src/session/deadlines.js";

const duration = fc.integer({ min: 1, max: 2 ** 31 - 1 });
const instant = fc.integer({ min: 0, max: 4e12 });

/** Times that can really occur: the last activity is not before the authentication. */
const times: fc.Arbitrary<SessionTimes> = fc
  .record({ authenticatedAt: instant, since: duration, idleTimeout: duration, absoluteTimeout: duration })
  .map(({ since, ...rest }) => ({ ...rest, lastActiveAt: rest.authenticatedAt + since }));

const claims = fc.array(
  fc.record({ passed: fc.integer({ min: 0, max: 1e8 }), activeAt: fc.maxSafeInteger() }),
  {
    maxLength: 30,
  },
);

test("deadlines never move backwards by an accepted heartbeat, and never beyond the absolute one", () => {
  fc.assert(
    fc.property(times, claims, (start, sent) => {
      let current = start;
      let now = start.lastActiveAt;
      for (const { passed, activeAt } of sent) {
        now += passed;
        if (isOver(current, now)) break;
        const next = acceptActivity(current, { activeAt, now });
        const [before, after] = [deadlinesOf(current), deadlinesOf(next)];
        expect(after.idleExpiresAt).toBeGreaterThanOrEqual(before.idleExpiresAt);
        expect(after.expiresAt).toBeGreaterThanOrEqual(before.expiresAt);
        expect(after.absoluteExpiresAt).toBe(before.absoluteExpiresAt);
        expect(after.expiresAt).toBeLessThanOrEqual(after.absoluteExpiresAt);
        expect(next.lastActiveAt).toBeLessThanOrEqual(Math.max(now, current.lastActiveAt));
        current = next;
      }
    }),
  );
});

test("a session lives until the millisecond before its deadline, and is over from then on", () => {
  fc.assert(
    fc.property(times, fc.nat(1e9), (start, late) => {
      const { expiresAt } = deadlinesOf(start);
      expect(isOver(start, expiresAt - 1)).toBe(false);
      expect(isOver(start, expiresAt + late)).toBe(true);
    }),
  );
});

test("an idle deadline counts from the input, clamped between the last activity and now", () => {
  const start = { authenticatedAt: 1_000, lastActiveAt: 5_000, idleTimeout: 10_000, absoluteTimeout: 60_000 };
  const at = (activeAt: number) => acceptActivity(start, { activeAt, now: 9_000 }).lastActiveAt;
  expect([at(7_000), at(0), at(9_001), at(Number.MAX_SAFE_INTEGER)]).toEqual([7_000, 5_000, 9_000, 9_000]);
});

test("on a tie the cause is the absolute timeout, and nothing could extend any more", () => {
  const start = { authenticatedAt: 0, lastActiveAt: 50, idleTimeout: 50, absoluteTimeout: 100 };
  expect(deadlinesOf(start)).toEqual({
    idleExpiresAt: 100,
    absoluteExpiresAt: 100,
    expiresAt: 100,
    cause: "absolute",
  });
  expect(activityCouldExtend(start)).toBe(false);
  expect(deadlinesOf({ ...start, absoluteTimeout: 101 }).cause).toBe("idle");
  expect(activityCouldExtend({ ...start, absoluteTimeout: 101 })).toBe(true);
});

test("of two policies each timeout is the stricter one", () => {
  expect(
    stricterTimeouts({ idleTimeout: 1, absoluteTimeout: 20 }, { idleTimeout: 2, absoluteTimeout: 10 }),
  ).toEqual({ idleTimeout: 1, absoluteTimeout: 10 });
});
