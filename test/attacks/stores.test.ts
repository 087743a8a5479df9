/** Attacks on stores and nodes: two nodes over memory and over SQLite. Redis has the same rows in test/stores. */
import { copyFileSync, existsSync } from "node:fs";
import { describe, expect, test, vi } from "vitest";
import { memoryStore } from "../../src/server/stores/memory.js";
import { sqliteStore } from "../../src/server/stores/sqlite/store.js";
import type { Found, SessionStore } from "../../src/server/stores/store.js";
import { ORIGIN, TestBrowser } from "../server/support/test-browser.js";
import { createTestVerifier, MINUTE } from "../server/support/test-verifier.js";
import { startStopwatch } from "../timing.js";
import { atEnd, copyOf, STORES } from "./support/nodes.js";

const IDLE = 15 * MINUTE;
const signInPost = () => new Request(`${ORIGIN}/sign-in`, { method: "POST" });

describe.each(STORES)("$name", ({ open }) => {
  test("25: of 200 heartbeats that race the deadline on two nodes all before it are one, and all at it are none", async () => {
    const nodes = open();
    const [here, there] = [nodes.add(), nodes.add()];
    const browser = await TestBrowser.signedIn(here.sessions);
    nodes.clock.advance(IDLE - 1);
    const race = async () => {
      const jws = await Promise.all([...Array(200)].map(() => browser.heartbeat(nodes.clock.now())));
      return Promise.all(
        jws.map((heartbeat, at) =>
          copyOf(browser, (at % 2 ? here : there).sessions).post("/curfew/heartbeat", { heartbeat }),
        ),
      );
    };
    const inTime = (await race()).map(({ status }) => status);
    expect(inTime.filter((status) => status === 200)).toHaveLength(1);
    expect(new Set(inTime)).toEqual(new Set([200, 409]));
    await browser.ask();
    nodes.clock.advance(IDLE);
    const late = await race();
    expect(new Set(late.map(({ status, body }) => `${status} ${body.reason}`))).toEqual(
      new Set(["401 idle"]),
    );
    const ends = [...here.audit, ...there.audit].filter(({ type }) => type === "session_expired");
    expect(ends).toHaveLength(1);
  });

  test("26: a node whose own clock is 5 s fast or slow decides by the store's clock", async () => {
    const nodes = open();
    const [here, there] = [nodes.add(), nodes.add()];
    const browser = await TestBrowser.signedIn(here.sessions);
    const { expiresAt } = browser.live;
    const realNow = Date.now.bind(Date);
    const shifted = vi.spyOn(Date, "now");
    atEnd(() => shifted.mockRestore());
    for (const skew of [5_000, -5_000, 3_600_000, -3_600_000]) {
      shifted.mockImplementation(() => realNow() + skew);
      for (const node of [here, there]) {
        const copy = copyOf(browser, node.sessions);
        expect((await copy.ask()).body).toMatchObject({ now: nodes.clock.now(), expiresAt });
      }
    }
    nodes.clock.advance(IDLE - 1);
    expect((await there.sessions.check(browser.request("/api"))).status).toBe("active");
    nodes.clock.advance(1);
    expect((await there.sessions.check(browser.request("/api"))).status).toBe("ended");
  });

  test.each([
    ["hangs", () => new Promise<never>(() => {})],
    ["fails", () => Promise.reject(new Error("no route to host"))],
  ])("60: a store that %s lets nobody in, ends nothing, and is told from an end", async (_how, broken) => {
    const nodes = open();
    let isBroken = false;
    const { sessions, audit } = nodes.add({}, (store) => ({
      ...store,
      findBySecret: (hash) => (isBroken ? broken() : store.findBySecret(hash)),
    }));
    const browser = await TestBrowser.signedIn(sessions);
    const records = audit.length;
    isBroken = true;
    const stopwatch = startStopwatch();
    const answers = await Promise.all([browser.ask(), browser.beat(nodes.clock.now())]);
    const check = await sessions.check(browser.request("/api"));
    // Two waits of 200 ms, one after the other.
    expect(stopwatch.since()).toBeLessThan(1_000);
    stopwatch.stop();
    for (const { status, body, headers } of answers) {
      expect([status, body.type]).toEqual([503, "urn:curfew:unavailable"]);
      expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
      expect(headers.getSetCookie()).toEqual([]);
    }
    expect(check).toMatchObject({ status: "unavailable", problem: { status: 503 } });
    expect(audit).toHaveLength(records);
    isBroken = false;
    expect((await browser.ask()).status).toBe(200);
  });

  test("40: the store has the public half of the key and the hash of the cookie's secret, and nothing that signs", async () => {
    const nodes = open();
    const records: string[] = [];
    const { sessions } = nodes.add({}, (store) => ({
      ...store,
      async replace(record, expected) {
        records.push(JSON.stringify(record));
        return store.replace(record, expected);
      },
    }));
    const browser = await TestBrowser.signedIn(sessions);
    await browser.beat(nodes.clock.now());
    const { key } = JSON.parse(records.at(-1) ?? "{}") as { key: { jwk: object } };
    expect(key.jwk).toEqual(browser.key.jwk);
    expect(Object.keys(key.jwk).sort()).toEqual(["crv", "kty", "x", "y"]);
    const secret = browser.cookie?.split("=")[1] ?? "";
    expect(secret).toHaveLength(43);
    expect(records.join()).not.toContain(secret);
  });

  test("61: a record that is gone is no session, and no call that comes after makes it again", async () => {
    const nodes = open();
    let isFlushed = false;
    const nothing = async () => null;
    const flushed = (store: SessionStore): SessionStore => ({
      ...store,
      find: (sid) => (isFlushed ? nothing() : store.find(sid)),
      findBySecret: (hash) => (isFlushed ? nothing() : store.findBySecret(hash)),
    });
    const written: string[] = [];
    const { sessions } = nodes.add({}, (store) => {
      const inner = flushed(store);
      return {
        ...inner,
        insert(record) {
          written.push(record.sid);
          return inner.insert(record);
        },
      };
    });
    const browser = await TestBrowser.signedIn(sessions);
    const heartbeat = await browser.heartbeat(nodes.clock.now());
    written.length = 0;
    isFlushed = true;
    for (const { status, body } of [
      await browser.post("/curfew/heartbeat", { heartbeat }),
      await browser.post("/curfew/key", { binding: await browser.binding() }),
      await browser.post("/curfew/end", { sid: browser.live.sid }),
      await browser.ask(),
    ])
      expect([status, body.type]).toEqual([401, "urn:curfew:no-session"]);
    expect((await sessions.check(browser.request("/api"))).status).toBe("none");
    expect(written).toEqual([]);
  });

  test("62: a read that lags behind extends nothing and brings nobody back", async () => {
    const nodes = open();
    const [here] = [nodes.add()];
    const known = new Map<string, Found | null>();
    let lags = false;
    const lagging = nodes.add({}, (store) => ({
      ...store,
      async findBySecret(hash) {
        if (!lags) known.set(hash, await store.findBySecret(hash));
        return known.get(hash) ?? null;
      },
    }));
    const browser = await TestBrowser.signedIn(here.sessions);
    const copy = copyOf(browser, lagging.sessions);
    await copy.ask();
    lags = true;
    await here.sessions.end(browser.live.sid);
    // Such a node would show the session for a while, which is why the Redis store refuses replicas; it cannot write.
    expect((await copy.beat(nodes.clock.now())).body.reason).toBe("revoked");
    await expect(
      lagging.sessions.reauthenticate(copy.request("/reauth"), { subject: "ann" }),
    ).rejects.toThrow();
    await expect(lagging.sessions.update(copy.request("/"), { roles: ["admin"] })).rejects.toThrow();
    expect((await browser.ask()).body.reason).toBe("revoked");
  });
});

test("61: a file restored from a backup brings back what had ended, until endEverything()", async () => {
  const [, sqlite] = STORES;
  const nodes = sqlite?.open();
  if (!nodes?.file) throw new Error("the second store should be a file");
  const before = nodes.add();
  const browser = await TestBrowser.signedIn(before.sessions);
  const backup = `${nodes.file}.backup`;
  // With its write-ahead log: the last writes may be there and nowhere else.
  for (const part of ["", "-wal"])
    if (existsSync(`${nodes.file}${part}`)) copyFileSync(`${nodes.file}${part}`, `${backup}${part}`);
  const { sessions } = nodes.add();
  await sessions.end(browser.live.sid);

  const restored = createTestVerifier({ store: sqliteStore(backup, { clock: nodes.clock }) });
  atEnd(() => restored.sessions.close());
  const copy = copyOf(browser, restored.sessions);
  expect(await copy.ask()).toMatchObject({ status: 200 });
  expect(await restored.sessions.endEverything()).toBe(1);
  expect((await copy.ask()).body.reason).toBe("revoked");
  expect((await copy.beat(nodes.clock.now())).status).toBe(401);
});

test("63: a store that compares and sets in two steps is refused before it serves anybody", async () => {
  const inner = memoryStore();
  const toy: SessionStore = {
    ...inner,
    name: "toy",
    async replace(record, expected) {
      const found = await inner.find(record.sid);
      if (found === null) return { outcome: "missing", now: await inner.now() };
      if (found.record.revision !== expected.revision) return { outcome: "changed", now: found.now };
      if (expected.before !== undefined && found.now >= expected.before)
        return { outcome: "late", now: found.now };
      await inner.replace(record, { revision: (await inner.find(record.sid))?.record.revision ?? 0 });
      return { outcome: "done", now: found.now };
    },
  };
  const { sessions } = createTestVerifier({ store: toy });
  await expect(sessions.ready()).rejects.toThrow(/toy store cannot keep sessions/);
  await expect(sessions.start(signInPost(), { subject: "ann" })).rejects.toThrow();
  expect((await sessions.handle(new Request(`${ORIGIN}/curfew/session`))).status).toBe(503);
});
