/** Changes of which the store did not say in time whether they took effect: a replay finds out, and misses nothing. */
import { expect, test } from "vitest";
import { verifySession } from "../../src/evidence/index.js";
import type { AuditRecord } from "../../src/server/audit/audit-record.js";
import type { SessionRecord } from "../../src/server/record/session.js";
import { memoryStore } from "../../src/server/stores/memory.js";
import type { SessionStore } from "../../src/server/stores/store.js";
import { TestBrowser } from "../server/support/test-browser.js";
import { createTestClock } from "../server/support/test-clock.js";
import { createTestVerifier, MINUTE } from "../server/support/test-verifier.js";

type Lateness = "in time" | "late, and done" | "late, and not done";

/** A store whose writes of live sessions are late as `next` says, once. */
function lateStore(store: SessionStore, next: { is: Lateness }): SessionStore {
  return {
    ...store,
    async replace(record: SessionRecord, expected) {
      const { is } = next;
      if (is === "in time" || record.ended !== null) return store.replace(record, expected);
      next.is = "in time";
      if (is === "late, and done") await store.replace(record, expected);
      return new Promise(() => {});
    },
  };
}

async function scene() {
  const clock = createTestClock();
  const next: { is: Lateness } = { is: "in time" };
  const audit: AuditRecord[] = [];
  const { sessions } = createTestVerifier({
    store: lateStore(memoryStore({ clock }), next),
    onEvent: (record) => void audit.push(record),
  });
  const browser = await TestBrowser.signedIn(sessions, { bind: false });
  const beat = async (status = 200) => {
    clock.advance(MINUTE);
    expect((await browser.beat(clock.now())).status).toBe(status);
  };
  const replay = async () => {
    await sessions.end(browser.live.sid);
    await sessions.close();
    return verifySession(audit, browser.live.sid);
  };
  return { clock, next, browser, beat, replay, audit };
}

test.each<[Lateness, number]>([
  ["late, and done", 6],
  ["late, and not done", 5],
])("a heartbeat whose answer came %s is among the steps only if it counted", async (lateness, steps) => {
  const { next, browser, beat, replay, audit } = await scene();
  expect((await browser.bind()).status).toBe(200);
  await beat();
  next.is = lateness;
  await beat(503);
  // The browser asks, and signs with the nonce that holds now.
  await browser.ask();
  await beat();
  const { verdict, fault, steps: seen, lost } = await replay();
  expect([verdict, fault, lost, seen.length]).toEqual(["whole", null, [], steps]);
  expect(audit.filter(({ unconfirmed }) => unconfirmed)).toHaveLength(1);
});

test("the end tells it too, where nothing else follows", async () => {
  for (const lateness of ["late, and done", "late, and not done"] as const) {
    const { next, browser, beat, replay } = await scene();
    await browser.bind();
    await beat();
    next.is = lateness;
    await beat(503);
    expect(await replay()).toMatchObject({ verdict: "whole", fault: null });
  }
});

test("a key that was bound late is the session's key", async () => {
  const { next, browser, beat, replay } = await scene();
  next.is = "late, and done";
  expect((await browser.bind()).status).toBe(503);
  await browser.ask();
  await beat();
  expect(await replay()).toMatchObject({ verdict: "whole", fault: null });
});

test("a sign-in that the store took too late begins the session, whose end is held to it", async () => {
  const clock = createTestClock();
  const audit: AuditRecord[] = [];
  const store = memoryStore({ clock });
  let isLate = false;
  const late: SessionStore = {
    ...store,
    insert: async (record) => {
      const outcome = await store.insert(record);
      return isLate ? new Promise(() => {}) : outcome;
    },
  };
  const { sessions } = createTestVerifier({ store: late, onEvent: (record) => void audit.push(record) });
  await sessions.ready();
  isLate = true;
  await expect(TestBrowser.signedIn(sessions)).rejects.toThrow("did not answer in time");
  isLate = false;
  const { sid = "" } = audit.find(({ unconfirmed }) => unconfirmed) ?? {};
  await sessions.end(sid);
  await sessions.close();
  expect(await verifySession(audit, sid)).toMatchObject({ verdict: "whole", end: { reason: "revoked" } });
  const without = audit.filter(({ unconfirmed }) => unconfirmed === undefined);
  expect((await verifySession(without, sid)).verdict).toBe("broken");
});

test("a sign-in that is revoked while it goes on is whole: it began, and ended at once", async () => {
  const clock = createTestClock();
  const audit: AuditRecord[] = [];
  const store = memoryStore({ clock });
  let during = async () => {};
  const racing: SessionStore = {
    ...store,
    insert: async (record) => {
      const outcome = await store.insert(record);
      await during();
      return outcome;
    },
  };
  const { sessions } = createTestVerifier({ store: racing, onEvent: (record) => void audit.push(record) });
  await sessions.ready();
  during = async () => void (await sessions.endAll("ann"));
  await expect(TestBrowser.signedIn(sessions)).rejects.toMatchObject({ code: "revoked" });
  await sessions.close();
  const { sid = "" } = audit.find(({ type }) => type === "session_revoked") ?? {};
  expect(await verifySession(audit, sid)).toMatchObject({ verdict: "whole", end: { reason: "revoked" } });
});

test("of several of one number the one that counted is found", async () => {
  const { next, browser, beat, replay } = await scene();
  await browser.bind();
  next.is = "late, and not done";
  await beat(503);
  next.is = "late, and done";
  await beat(503);
  await browser.ask();
  await beat();
  expect(await replay()).toMatchObject({ verdict: "whole", fault: null });
});

test("without the unconfirmed record, or with a changed one, the change is missing", async () => {
  const { next, browser, beat, audit, replay } = await scene();
  await browser.bind();
  next.is = "late, and done";
  await beat(503);
  await browser.ask();
  await beat();
  await replay();
  const { sid } = browser.live;
  const without = audit.filter(({ unconfirmed }) => unconfirmed === undefined);
  expect(await verifySession(without, sid)).toMatchObject({ verdict: "broken", fault: { kind: "missing" } });
  const changed = audit.map((record) =>
    record.unconfirmed ? { ...record, lastActiveAt: "2026-01-01T00:00:00.000Z" } : record,
  );
  expect(await verifySession(changed, sid)).toMatchObject({ verdict: "broken", fault: { kind: "missing" } });
});
