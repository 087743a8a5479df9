/** A change whose record a killed process took with it, told apart from one that somebody took out of the trail. */
import { expect, test } from "vitest";
import { verifySession } from "../../src/evidence/index.js";
import type { AuditRecord } from "../../src/server/audit/audit-record.js";
import { memoryStore } from "../../src/server/stores/memory.js";
import { TestBrowser } from "../server/support/test-browser.js";
import { createTestClock } from "../server/support/test-clock.js";
import { createTestVerifier, MINUTE } from "../server/support/test-verifier.js";

/** Two processes, one after the other, and a session that both have seen; its heartbeats are changes 3 to 8, its end is 9. */
async function twoProcesses() {
  const clock = createTestClock();
  const store = memoryStore({ clock });
  const trail: AuditRecord[] = [];
  const open = () => {
    const { sessions } = createTestVerifier({ store, onEvent: (record) => void trail.push(record) });
    return sessions;
  };
  const first = open();
  await first.ready();
  const browser = await TestBrowser.signedIn(first);
  const beat = async (with_: TestBrowser) => {
    clock.advance(MINUTE);
    expect((await with_.beat(clock.now())).status).toBe(200);
  };
  for (let beats = 0; beats < 3; beats++) await beat(browser);
  clock.advance(MINUTE);
  const second = open();
  await second.ready();
  const { cookie, status } = browser;
  const again = Object.assign(new TestBrowser(second, browser.key), { cookie, status });
  for (let beats = 0; beats < 3; beats++) await beat(again);
  clock.advance(MINUTE);
  await second.end(browser.live.sid);
  for (const sessions of [first, second]) await sessions.close();
  const { sid } = browser.live;
  const without = (...changes: number[]) =>
    trail.filter((record) => record.sid !== sid || !changes.includes(record.change ?? 0));
  return { trail, sid, without };
}

const startOf = (trail: readonly AuditRecord[]) =>
  trail.findLastIndex(({ type }) => type === "policy_in_force");

test("the last change before a crash is lost, and said to be: what follows is held to all that is known", async () => {
  const { trail, sid, without } = await twoProcesses();
  expect(await verifySession(trail, sid)).toMatchObject({ verdict: "whole", lost: [] });
  const lossy = without(5);
  const end = trail.find(({ change }) => change === 9);
  expect(await verifySession(lossy, sid)).toMatchObject({
    verdict: "interrupted",
    fault: null,
    lost: [{ change: 5, count: 1, index: startOf(lossy), seq: null }],
    end: { reason: "revoked", endedAt: Date.parse(String(end?.endedAt)) },
  });
  expect(await verifySession(without(4, 5), sid)).toMatchObject({ verdict: "interrupted" });
  const forged = lossy.map((record) => (record.change === 9 ? { ...record, idleTimeout: 1 } : record));
  expect((await verifySession(forged, sid)).verdict).toBe("broken");
  const moved = lossy.map((record) =>
    record.change === 7 ? { ...record, lastActiveAt: "2026-01-01T00:00:00.000Z" } : record,
  );
  expect((await verifySession(moved, sid)).verdict).toBe("broken");
});

test.each<[string, (scene: Awaited<ReturnType<typeof twoProcesses>>) => readonly unknown[]]>([
  ["in the middle of a process", ({ without }) => without(7)],
  ["before a start that follows a close", ({ without }) => closed(without(5))],
  ["more than a process can have under way", ({ without }) => without(2, 3, 4, 5, 6)],
  ["another app's start", ({ without }) => without(5).map(asOther)],
  ["the beginning", ({ without }) => without(1)],
])("is missing, and the trail broken: %s", async (_what, records) => {
  const scene = await twoProcesses();
  const { verdict, fault } = await verifySession(records(scene), scene.sid);
  expect([verdict, fault?.kind]).toEqual(["broken", "missing"]);
});

function closed(trail: readonly AuditRecord[]): readonly unknown[] {
  const at = startOf(trail);
  const { at: when, app, policy } = trail[at - 1] ?? {};
  return trail.toSpliced(at, 0, {
    v: 1,
    at: String(when),
    type: "audit_closed",
    app: String(app),
    policy: String(policy),
  });
}

/** The second start is of another app on the same log; its policy is there twice. */
function asOther(record: AuditRecord, index: number, trail: readonly AuditRecord[]): AuditRecord {
  return index === startOf(trail) ? { ...record, app: "another" } : record;
}

test("a session whose beginning was lost is known by its end alone", async () => {
  const clock = createTestClock();
  const store = memoryStore({ clock });
  const trail: AuditRecord[] = [];
  const open = () => createTestVerifier({ store, onEvent: (record) => void trail.push(record) }).sessions;
  const first = open();
  const { live } = await TestBrowser.signedIn(first, { bind: false });
  clock.advance(MINUTE);
  const second = open();
  await second.ready();
  clock.advance(MINUTE);
  await second.end(live.sid);
  for (const sessions of [first, second]) await sessions.close();
  const lossy = trail.filter(({ change }) => change !== 1);
  expect(await verifySession(lossy, live.sid)).toMatchObject({
    verdict: "interrupted",
    lost: [{ change: 1, count: 1 }],
    end: { reason: "revoked" },
  });
});

test("an end that was told twice is one end, if one of the two says that it was late", async () => {
  const { trail, sid } = await twoProcesses();
  const end = trail.find(({ change }) => change === 9);
  if (end === undefined) throw new Error("the trail has no end");
  const late = { ...end, late: true } as const;
  for (const twice of [
    [...trail, late],
    [...trail.filter((one) => one !== end), late, end],
  ])
    expect((await verifySession(twice, sid)).verdict).toBe("whole");
  expect((await verifySession([...trail, end], sid)).verdict).toBe("broken");
  const other = { ...late, endedAt: "2026-01-01T00:01:00.000Z" };
  expect((await verifySession([...trail, other], sid)).verdict).toBe("broken");
});
