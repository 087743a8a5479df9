import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createSessionVerifier } from "../../src/server/adapters/node.js";
import type { AuditSink } from "../../src/server/audit/audit-record.js";
import { memoryStore } from "../../src/server/stores/memory.js";

const MANY = 2_500;

// The sweeper's pause stands still here, and ends when the test says so.
beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Very many sessions whose deadline has passed, at the moment in which the sweeper looks for them. */
async function openWithExpired(audit: AuditSink) {
  const start = Date.parse("2026-01-01T00:00:00Z");
  const clock = { ahead: 0, now: () => start + clock.ahead, monotonic: () => clock.ahead };
  const sessions = createSessionVerifier({
    policy: { idle: "15m", absolute: "12h" },
    store: memoryStore({ clock }),
    signInUrl: "/login",
    logger: { info: () => {}, warn: () => {}, error: console.error },
    audit,
  });
  await sessions.ready();
  for (let at = 0; at < MANY; at++)
    await sessions.start(new Request("https://app.test/login", { method: "POST" }), {
      subject: `person ${at}`,
    });
  clock.ahead = 15 * 60_000;
  return sessions;
}

test("however many sessions expire at once, one sweep ends them all, and lets others have their turn between", async () => {
  let ended = 0;
  const sessions = await openWithExpired({
    write({ type }) {
      if (type === "session_expired") ended++;
    },
  });
  await vi.advanceTimersByTimeAsync(500);
  let turns = 0;
  for (; ended < MANY && turns < 100_000; turns++) await turn();
  expect(ended).toBe(MANY);
  expect(turns).toBeGreaterThan(5);
  await sessions.close();
});

test("a verifier that is closed in the middle of a sweep ends no more, and tells nobody of anything after that", async () => {
  const told = { ended: 0, late: 0 };
  let isClosed = false;
  const sessions = await openWithExpired({
    write({ type }) {
      if (type === "session_expired") told.ended++;
      if (isClosed) told.late++;
    },
    close() {
      isClosed = true;
    },
  });
  await vi.advanceTimersByTimeAsync(500);
  while (told.ended === 0) await turn();
  await sessions.close();
  const { ended } = told;
  for (let turns = 0; turns < 1_000; turns++) await turn();
  expect(told).toEqual({ ended, late: 0 });
  expect(ended).toBeLessThan(MANY);
});
