import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import type { SessionRecord } from "../../src/server/session-record.js";
import { memoryStore } from "../../src/server/stores/memory.js";
import type { SessionStore } from "../../src/server/stores/session-store.js";
import { sqliteStore } from "../../src/server/stores/sqlite.js";
import { TestBrowser } from "./support/test-browser.js";
import { createTestClock, type TestClock } from "./support/test-clock.js";
import { createTestVerifier, MINUTE } from "./support/test-verifier.js";

const folders: string[] = [];
const newFile = () => {
  const folder = mkdtempSync(join(tmpdir(), "curfew-"));
  folders.push(folder);
  return join(folder, "sessions.db");
};
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const STORES: readonly [string, (clock: TestClock) => SessionStore][] = [
  ["memory", (clock) => memoryStore({ clock })],
  ["sqlite", (clock) => sqliteStore(newFile(), { clock })],
];

function recordAt(now: number, changes: Partial<SessionRecord> = {}): SessionRecord {
  return {
    v: 1,
    app: "curfew",
    sid: "sid",
    subject: "ann",
    roles: [],
    secretHash: "hash",
    startedAt: now,
    authenticatedAt: now,
    lastActiveAt: now,
    idleTimeout: 15 * MINUTE,
    absoluteTimeout: 60 * MINUTE,
    policyName: "default",
    policyFingerprint: "print",
    key: null,
    bindUntil: now + MINUTE,
    nonce: "nonce",
    lastHeartbeat: null,
    ended: null,
    revision: 0,
    ...changes,
  };
}

describe.each(STORES)("the %s store", (_name, open) => {
  function opened() {
    const clock = createTestClock();
    const store = open(clock);
    return { clock, store, record: recordAt(clock.now()) };
  }

  test("finds a record by its sid and by its secret, with the time", async () => {
    const { clock, store, record } = opened();
    await store.insert(record);
    const found = { record, now: clock.now() };
    expect(await store.find("sid")).toEqual(found);
    expect(await store.findBySecret("hash")).toEqual(found);
    expect(await store.find("other")).toBeNull();
    expect(await store.findBySecret("other")).toBeNull();
    await store.close();
  });

  test("replaces a record only at the revision that was read", async () => {
    const { store, record } = opened();
    await store.insert(record);
    expect((await store.replace({ ...record, nonce: "next" }, { revision: 0 })).outcome).toBe("done");
    expect((await store.replace({ ...record, nonce: "lost" }, { revision: 0 })).outcome).toBe("changed");
    expect((await store.find("sid"))?.record).toMatchObject({ nonce: "next", revision: 1 });
    await store.close();
  });

  test("replaces a record only before the given instant", async () => {
    const { clock, store, record } = opened();
    await store.insert(record);
    const before = clock.now() + 1_000;
    clock.advance(999);
    expect((await store.replace(record, { revision: 0, before })).outcome).toBe("done");
    clock.advance(1);
    expect((await store.replace(record, { revision: 1, before })).outcome).toBe("late");
    await store.close();
  });

  test("never makes a missing record by replacing it", async () => {
    const { store, record } = opened();
    expect((await store.replace(record, { revision: 0 })).outcome).toBe("missing");
    expect(await store.find("sid")).toBeNull();
    await store.close();
  });

  test("of many writers of one revision exactly one succeeds", async () => {
    const { store, record } = opened();
    await store.insert(record);
    const writers = [...Array(100).keys()].map((at) =>
      store.replace({ ...record, nonce: `${at}` }, { revision: 0 }),
    );
    const outcomes = (await Promise.all(writers)).map(({ outcome }) => outcome);
    expect(outcomes.filter((outcome) => outcome === "done")).toHaveLength(1);
    await store.close();
  });

  test("forgets the old secret when a record gets a new one", async () => {
    const { store, record } = opened();
    await store.insert(record);
    await store.replace({ ...record, secretHash: "new" }, { revision: 0 });
    expect(await store.findBySecret("hash")).toBeNull();
    expect((await store.findBySecret("new"))?.record.sid).toBe("sid");
    await store.close();
  });

  test("lists what is due in its app, and nothing that has ended", async () => {
    const { clock, store, record } = opened();
    await store.insert(record);
    await store.insert({ ...record, sid: "other-app", secretHash: "2", app: "other" });
    const ended = { reason: "revoked", endedAt: clock.now() } as const;
    await store.insert({ ...record, sid: "ended", secretHash: "3", ended });
    clock.advance(15 * MINUTE - 1);
    expect(await store.due("curfew", 10)).toEqual([]);
    clock.advance(1);
    expect((await store.due("curfew", 10)).map(({ record: { sid } }) => sid)).toEqual(["sid"]);
    await store.close();
  });

  test("keeps its secret, and a session's end is exact to the millisecond through it", async () => {
    const { clock, store } = opened();
    expect(await store.secret()).toBe(await store.secret());
    const { sessions } = createTestVerifier({ store });
    const browser = await TestBrowser.signedIn(sessions);
    const { expiresAt } = browser.live;
    clock.advance(expiresAt - 1 - clock.now());
    expect((await browser.ask()).status).toBe(200);
    clock.advance(1);
    expect((await browser.beat(clock.now())).body).toMatchObject({ reason: "idle", endedAt: expiresAt });
    await sessions.close();
  });
});

test("a session in SQLite survives a restart, and so does its end", async () => {
  const file = newFile();
  const clock = createTestClock();
  const start = () => createTestVerifier({ store: sqliteStore(file, { clock }) }).sessions;
  const first = start();
  const browser = await TestBrowser.signedIn(first);
  await first.close();

  const second = start();
  const again = Object.assign(new TestBrowser(second, browser.key), { cookie: browser.cookie });
  await again.ask();
  expect((await again.beat(clock.now())).status).toBe(200);
  await second.end(again.live.sid);
  await second.close();

  const third = start();
  const last = Object.assign(new TestBrowser(third, browser.key), { cookie: browser.cookie });
  expect((await last.ask()).body.reason).toBe("revoked");
  await third.close();
});

test("a clock that was set back during a restart gives a session in SQLite no more time", async () => {
  const file = newFile();
  const clock = createTestClock();
  const first = createTestVerifier({ store: sqliteStore(file, { clock }) }).sessions;
  const browser = await TestBrowser.signedIn(first);
  clock.advance(14 * MINUTE);
  await browser.post("/curfew/heartbeat", { heartbeat: await browser.heartbeat(0) });
  await first.close();
  clock.step(-60 * MINUTE);
  const second = createTestVerifier({ store: sqliteStore(file, { clock }) }).sessions;
  clock.advance(MINUTE);
  const again = Object.assign(new TestBrowser(second, browser.key), { cookie: browser.cookie });
  expect((await again.ask()).body).toMatchObject({ reason: "idle" });
  await second.close();
});

test("the SQLite file holds neither the cookie's secret nor a private key", async () => {
  const file = newFile();
  const { sessions } = createTestVerifier({ store: sqliteStore(file) });
  const browser = await TestBrowser.signedIn(sessions);
  await browser.beat(Date.now());
  const secret = browser.cookie?.split("=")[1] ?? "";
  const written = [file, `${file}-wal`].map((name) => readFileSync(name, "latin1")).join("");
  await sessions.close();
  const kept = written + readFileSync(file, "latin1");
  expect(secret).toHaveLength(43);
  expect(kept).toContain(browser.live.sid);
  expect(kept).toContain(browser.key.jwk.x);
  expect(kept).not.toContain(secret);
  expect(kept).not.toMatch(/"d":|PRIVATE KEY/);
});

test("a locked SQLite file gets 503 within 250 ms and works again when it is free", async () => {
  const { openDatabase } = await import("../../src/server/stores/sqlite-driver.js");
  const file = newFile();
  const { sessions } = createTestVerifier({ store: sqliteStore(file) });
  const browser = await TestBrowser.signedIn(sessions);
  const { database } = openDatabase(file);
  database.exec("BEGIN EXCLUSIVE");
  expect((await browser.beat(Date.now())).status).toBe(503);
  database.exec("ROLLBACK");
  database.close();
  expect((await browser.beat(Date.now())).status).toBe(200);
  await sessions.close();
});

test("a file that cannot be opened is refused at start with what to do", () => {
  expect(() => sqliteStore("/nowhere/at/all.db")).toThrow(
    /cannot open "\/nowhere\/at\/all\.db".*folder that exists/,
  );
});
