import fc from "fast-check";
import { expect, test } from "vitest";
import {
  acceptActivity,
  carriersOf,
  deadlinesOf,
  type GroupBeat,
  isOver,
  type SessionTimes,
} from "../../src/session/deadlines.js";

const duration = fc.integer({ min: 1, max: 1_000 });

const times: fc.Arbitrary<SessionTimes> = fc
  .record({ since: fc.nat(500), idleTimeout: duration, absoluteTimeout: fc.integer({ min: 1, max: 5_000 }) })
  .map(({ since, ...rest }) => ({ ...rest, authenticatedAt: 1_000, lastActiveAt: 1_000 + since }));

/** Heartbeats of other apps as they were accepted, each of input up to then. */
const beats: fc.Arbitrary<readonly GroupBeat[]> = fc.array(
  fc
    .record({ at: fc.integer({ min: 0, max: 8_000 }), age: fc.nat(400) })
    .map(({ at, age }) => ({ at, activeAt: at - age })),
  { maxLength: 40 },
);

const ENFORCED = null;

function carry(start: SessionTimes, told: readonly GroupBeat[], now: number): SessionTimes {
  return carriersOf(start, told, { now, enforceFromAt: ENFORCED }).reduce(
    (current, { at, activeAt }) => acceptActivity(current, { activeAt, now: at }),
    start,
  );
}

/** The same by the session's own rule: each heartbeat taken at the moment at which it was accepted, while the session lived. */
function asOwn(start: SessionTimes, told: readonly GroupBeat[], now: number): SessionTimes {
  let current = start;
  for (const { at, activeAt } of [...told].sort((a, b) => a.at - b.at))
    if (at <= now && !isOver(current, at)) current = acceptActivity(current, { activeAt, now: at });
  return current;
}

test("heartbeats of a group, looked at whenever, make the times that they would have made one by one", () => {
  fc.assert(
    fc.property(times, beats, fc.array(fc.nat(9_000), { maxLength: 8 }), (start, told, looks) => {
      let current = start;
      for (const now of [...looks].sort((a, b) => a - b)) {
        current = carry(current, told, now);
        expect(current).toEqual(asOwn(start, told, now));
        if (isOver(current, now)) break;
      }
    }),
    { numRuns: 2_000 },
  );
});

test("a session that is over is over for good, whatever the group tells of it later", () => {
  fc.assert(
    fc.property(times, beats, fc.nat(9_000), fc.nat(9_000), (start, told, now, later) => {
      const at = carry(start, told, now);
      if (!isOver(at, now)) return;
      expect(carry(start, told, now + later)).toEqual(at);
      expect(carry(at, told, now + later)).toEqual(at);
    }),
    { numRuns: 2_000 },
  );
});

test("neither the absolute deadline nor a timeout moves, and the idle deadline never back", () => {
  fc.assert(
    fc.property(times, beats, fc.nat(9_000), (start, told, now) => {
      const after = carry(start, told, now);
      expect({ ...after, lastActiveAt: 0 }).toEqual({ ...start, lastActiveAt: 0 });
      expect(deadlinesOf(after).idleExpiresAt).toBeGreaterThanOrEqual(deadlinesOf(start).idleExpiresAt);
      expect(after.lastActiveAt).toBeLessThanOrEqual(Math.max(now, start.lastActiveAt));
    }),
  );
});

test("a heartbeat in the last millisecond counts, and one at the deadline does not", () => {
  const start = { authenticatedAt: 0, lastActiveAt: 0, idleTimeout: 100, absoluteTimeout: 10_000 };
  expect(carry(start, [{ at: 99, activeAt: 99 }], 500).lastActiveAt).toBe(99);
  expect(carry(start, [{ at: 100, activeAt: 50 }], 500)).toEqual(start);
  expect(carry(start, [{ at: 600, activeAt: 50 }], 500)).toEqual(start);
});

test("of many heartbeats only as many are told of as the session needed", () => {
  const start = { authenticatedAt: 0, lastActiveAt: 0, idleTimeout: 100, absoluteTimeout: 10_000 };
  const told = [...Array(30).keys()].map((n) => ({ at: 10 * n, activeAt: 10 * n }));
  const ats = carriersOf(start, told, { now: 290, enforceFromAt: ENFORCED }).map(({ at }) => at);
  expect(ats).toEqual([90, 180, 270, 290]);
});

test("a heartbeat that claims input after itself counts for nothing", () => {
  const start = { authenticatedAt: 0, lastActiveAt: 0, idleTimeout: 100, absoluteTimeout: 10_000 };
  expect(carry(start, [{ at: 50, activeAt: 51 }], 60)).toEqual(start);
});
