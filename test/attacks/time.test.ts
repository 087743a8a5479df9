/** Attacks by time, clocks and races. The numbers are those of docs/threat-model.md. */
import { describe, expect, test } from "vitest";
import { memoryStore } from "../../src/server/stores/memory.js";
import { sqliteStore } from "../../src/server/stores/sqlite/store.js";
import { createTestClock } from "../server/support/test-clock.js";
import { createTestVerifier, IDLE, MINUTE, scene, TestBrowser, typesOf } from "./support.js";

test("12: an API polled four times a second for three timeouts extends nothing", async () => {
  const { browser, clock, guarded, lastActiveAt } = await scene({
    policy: { idle: "60s", absolute: "1h", warning: "25s" },
    limits: { status: 1_000_000 },
  });
  const before = await lastActiveAt();
  const deadline = browser.live.expiresAt;
  while (clock.now() + 250 < deadline) {
    clock.advance(250);
    expect(await guarded()).toBe("active");
    if (clock.now() % 5_000 === 0) await browser.ask();
  }
  expect(await lastActiveAt()).toBe(before);
  clock.advance(deadline - clock.now());
  expect(await guarded()).toBe("ended");
});

test("23: a request that began before the end and finishes after it writes nothing back", async () => {
  const { sessions, browser, guarded } = await scene();
  const slow = await sessions.check(browser.request("/slow"));
  const signal = slow.status === "active" ? slow.signal : null;
  await sessions.end(browser.live.sid);
  expect(signal?.aborted).toBe(true);
  await expect(sessions.update(browser.request("/slow"), { roles: ["admin"] })).rejects.toMatchObject({
    code: "ended",
  });
  expect(await guarded()).toBe("ended");
});

test("24: a slow writer never revives a session after logout, in 1,000 interleavings", async () => {
  const { sessions, clock } = createTestVerifier();
  for (let round = 0; round < 1_000; round++) {
    const browser = await TestBrowser.signedIn(sessions, {
      subject: `person ${round}`,
      bind: round % 10 === 0,
    });
    const work = [
      () => sessions.update(browser.request("/"), { roles: ["slow"] }),
      () => sessions.end(browser.live.sid),
      () => (round % 10 === 0 ? browser.beat(clock.now()) : browser.ask()),
    ];
    const order = [work[round % 3], work[(round + 1) % 3], work[(round + 2) % 3]];
    await Promise.allSettled(order.map((step) => step?.()));
    expect((await sessions.check(browser.request("/"))).status, `round ${round}`).toBe("ended");
  }
});

test.each([
  [-1, 200],
  [0, 401],
  [1, 401],
])("25: a heartbeat %i ms from the deadline gets %i", async (offset, status) => {
  const { browser, clock } = await scene();
  clock.advance(IDLE + offset);
  expect((await browser.beat(clock.now())).status).toBe(status);
});

describe.each([
  ["memory", (clock: ReturnType<typeof createTestClock>) => memoryStore({ clock })],
  ["sqlite", (clock: ReturnType<typeof createTestClock>) => sqliteStore(":memory:", { clock })],
])("on the %s store", (_name, open) => {
  test("27: a clock that is set back an hour gains no session time", async () => {
    const clock = createTestClock();
    const known = createTestVerifier({ store: open(clock) });
    const browser = await TestBrowser.signedIn(known.sessions);
    clock.advance(10 * MINUTE);
    await browser.ask();
    clock.step(-60 * MINUTE);
    clock.advance(5 * MINUTE - 1);
    expect((await known.sessions.check(browser.request("/"))).status).toBe("active");
    clock.advance(1);
    expect((await known.sessions.check(browser.request("/"))).status).toBe("ended");
    expect(typesOf(known)).toContain("clock_stepped");
  });

  test("28: a clock that is set forward ends sessions, and says so", async () => {
    const clock = createTestClock();
    const known = createTestVerifier({ store: open(clock) });
    const browser = await TestBrowser.signedIn(known.sessions);
    clock.step(60 * MINUTE);
    expect((await known.sessions.check(browser.request("/"))).status).toBe("ended");
    expect(typesOf(known)).toContain("clock_stepped");
  });

  test("75: the answer to a heartbeat that is sent twice after a crash is the same state", async () => {
    const clock = createTestClock();
    const { sessions } = createTestVerifier({ store: open(clock) });
    const browser = await TestBrowser.signedIn(sessions);
    clock.advance(MINUTE);
    const heartbeat = await browser.heartbeat(clock.now());
    const [first, second] = await Promise.all(
      [1, 2].map(() => browser.post("/curfew/heartbeat", { heartbeat })),
    );
    expect([first?.status, second?.status].sort()).toEqual([200, 409]);
    const refused = first?.status === 409 ? first : second;
    expect(refused?.body.session).toMatchObject({ lastActiveAt: clock.now() });
  });
});

test.each(["Europe/Berlin", "America/New_York", "Pacific/Apia"])(
  "29: a change of the clocks in %s moves no deadline",
  async (zone) => {
    const before = process.env.TZ;
    process.env.TZ = zone;
    try {
      for (const night of ["2026-03-29T00:59:00Z", "2026-10-25T00:59:00Z", "2026-11-01T05:59:00Z"]) {
        const clock = createTestClock(Date.parse(night));
        const { sessions } = createTestVerifier({ store: memoryStore({ clock }) });
        const browser = await TestBrowser.signedIn(sessions);
        expect(browser.live.expiresAt - clock.now()).toBe(IDLE);
        clock.advance(IDLE - 1);
        expect((await sessions.check(browser.request("/"))).status).toBe("active");
        clock.advance(1);
        expect((await sessions.check(browser.request("/"))).status).toBe("ended");
      }
    } finally {
      if (before === undefined) delete process.env.TZ;
      else process.env.TZ = before;
    }
  },
);

test("30: a client whose clock is a year ahead or behind changes no decision", async () => {
  const year = 365 * 24 * 60 * MINUTE;
  for (const offset of [year, -year]) {
    const { browser, clock, guarded, lastActiveAt } = await scene();
    clock.advance(MINUTE);
    const before = await lastActiveAt();
    await browser.beat(clock.now() + offset);
    expect(await lastActiveAt()).toBe(before);
    clock.advance(IDLE);
    expect(await guarded()).toBe("ended");
  }
});

test("59: an extension that was sent in time and arrives late is too late", async () => {
  const { browser, clock } = await scene();
  clock.advance(IDLE - 100);
  const extend = await browser.heartbeat(clock.now(), { payload: { intent: "extend" } });
  clock.advance(5_000);
  const { status, body } = await browser.post("/curfew/heartbeat", { heartbeat: extend });
  expect([status, body.reason, body.endedAt]).toEqual([401, "idle", clock.now() - 4_900]);
});
