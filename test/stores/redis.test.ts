import { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { keepingOf, type SessionRecord } from "../../src/server/record/session.js";
import { redisKeys } from "../../src/server/stores/redis/keys.js";
import { type RedisSend, redisStore } from "../../src/server/stores/redis/store.js";
import { listed, recordAt } from "../../src/testing/store-conformance-records.js";
import { createTestClock } from "../server/support/test-clock.js";
import { type RedisServer, startRedis, until } from "./support/redis-server.js";

let server: RedisServer;
let client: Redis;
beforeAll(async () => {
  server = await startRedis();
  client = new Redis(server.url);
}, 60_000);
afterAll(async () => {
  client.disconnect();
  await server.stop();
});
beforeEach(() => server.admin.flushall());

const send: RedisSend = ([command = "", ...args]) => client.call(command, ...args);

/** A store that tells which keys it asks for, and that stops as a killed node does once its commands are used up. */
function counted() {
  const asked: (string | null)[] = [];
  const limit = { commands: Number.POSITIVE_INFINITY };
  const store = redisStore({
    async send(args, key) {
      if (asked.length >= limit.commands) throw new Error("this node was killed");
      asked.push(key);
      return send(args, key);
    },
  });
  return { store, asked, limit };
}

async function inserted(sid = "a", changes: Partial<SessionRecord> = {}) {
  const record = recordAt(Date.now(), sid, changes);
  expect(await redisStore({ send }).insert(record)).toBe("done");
  return record;
}

describe("the Redis store", () => {
  test("asks one script on one key for a heartbeat, and for who holds a cookie the session and its subject at once", async () => {
    const record = await inserted();
    const { store, asked } = counted();
    // The first time each script's text goes along.
    await store.replace(record, { revision: 0 });
    const subjectKey = redisKeys("curfew").subjectRecord(record.app, record.subject);
    const fromTheCookie = [`curfew:secret:{${record.secretHash}}`, "curfew:{a}", subjectKey];
    await store.findBySecret(record.secretHash);
    expect(new Set(asked.slice(1))).toEqual(new Set(fromTheCookie));
    asked.length = 0;
    const lastActiveAt = record.lastActiveAt + 5;
    await store.replace({ ...record, lastActiveAt }, { revision: 1, before: Date.now() + 1_000 });
    expect(asked).toEqual(["curfew:{a}"]);
    asked.length = 0;
    const found = store.findBySecret(record.secretHash);
    // Both are on their way before either is answered.
    expect(asked).toEqual([subjectKey, "curfew:{a}"]);
    await found;
    expect(asked).toHaveLength(2);
  });

  test("asks for nothing but scripts on one key, so that every command has one slot", async () => {
    const commands: (readonly string[])[] = [];
    const store = redisStore({
      send(args, key) {
        commands.push(args);
        if (args[0] === "EVALSHA" || args[0] === "EVAL") expect(args.slice(2, 4)).toEqual(["1", key]);
        return send(args, key);
      },
    });
    const record = recordAt(await store.now(), "a");
    await store.insert(record);
    await store.replace({ ...record, secretHash: "new" }, { revision: 0 });
    await store.listBySubject(record.app, record.subject, null, 10);
    await store.due(record.app, 5);
    await store.secret();
    expect(new Set(commands.map(([command]) => command))).toEqual(new Set(["EVALSHA", "EVAL"]));
  });

  test("sends the scripts again to a server that has forgotten them", async () => {
    const record = await inserted();
    await server.admin.script("FLUSH");
    const { store } = counted();
    expect((await store.find("a"))?.record).toEqual(record);
    expect((await store.replace(record, { revision: 0 })).outcome).toBe("done");
  });

  test("names nobody in a key", async () => {
    const { subject } = await inserted();
    const keys = await server.admin.keys("*");
    expect(keys.length).toBeGreaterThanOrEqual(4);
    expect(keys.filter((key) => key.includes(subject) || key.includes("@"))).toEqual([]);
  });

  test("keeps its keys apart from those of another prefix", async () => {
    await inserted();
    const other = redisStore({ send }, { prefix: "other" });
    expect(await other.find("a")).toBeNull();
    const seen: string[] = [];
    for await (const { sid } of other.all("conformance")) seen.push(sid);
    expect(seen).toEqual([]);
  });

  test("lets Redis drop every key soon after its time, and none before", async () => {
    const record = await inserted();
    const left = keepingOf(record).purgeAt - Date.now();
    for (const key of (await server.admin.keys("*")).filter((name) => !name.startsWith("curfew:due"))) {
      const ttl = await server.admin.pttl(key);
      expect([key, Math.abs(ttl - left) < 5_000]).toEqual([key, true]);
    }
  });

  test("finds whom a failover has dropped from a list by walking over the keys", async () => {
    const record = await inserted();
    await server.admin.del(...(await server.admin.keys("curfew:subject:*")), "curfew:due:{conformance}");
    const seen: string[] = [];
    for await (const { sid } of redisStore({ send }).all(record.app)) seen.push(sid);
    expect(seen).toEqual(["a"]);
  });

  test("hands out what becomes due earlier while another node is moving it on", async () => {
    const clock = createTestClock();
    const quick = redisStore({ send }, { clock });
    const held: (() => void)[] = [];
    let looks = 0;
    const sweeping = redisStore(
      {
        async send(args, key) {
          // The first command on the list reads it, the second one moves what is due later by now.
          if (key === "curfew:due:{conformance}" && ++looks === 2)
            await new Promise<void>((release) => held.push(release));
          return send(args, key);
        },
      },
      { clock },
    );
    const record = recordAt(clock.now(), "a");
    await quick.insert(record);
    await quick.due(record.app, 1);
    clock.advance(record.idleTimeout - 1_000);
    const active = { ...record, lastActiveAt: clock.now() };
    await quick.replace(active, { revision: 0 });
    clock.advance(1_000);
    const sweep = sweeping.due(record.app, 1);
    await until(() => held.length > 0, "nothing was moved");
    const ended = { reason: "revoked", endedAt: clock.now() } as const;
    const notice = { attempts: 0, nextAt: clock.now() + 500 };
    await quick.replace({ ...active, ended, notice }, { revision: 1 });
    for (const release of held) release();
    expect(await sweep).toEqual([]);
    clock.advance(500);
    expect((await quick.due(record.app, 1)).map(({ record: { sid } }) => sid)).toEqual(["a"]);
  });

  test("gives no time to a session on a node that starts after the clock of Redis was set back", async () => {
    const clock = createTestClock();
    const record = recordAt(clock.now(), "a");
    const before = redisStore({ send }, { clock });
    await before.insert(record);
    clock.advance(record.idleTimeout - 1);
    await before.replace({ ...record, nonce: "written late" }, { revision: 0 });
    clock.step(-60 * 60_000);
    const after = redisStore({ send }, { clock });
    expect((await after.find("a"))?.now).toBe(record.startedAt + record.idleTimeout - 1);
    clock.advance(1);
    const { outcome } = await after.replace(record, {
      revision: 1,
      before: record.startedAt + record.idleTimeout,
    });
    expect(outcome).toBe("late");
  });

  test("says so where something else than Redis answers", async () => {
    await expect(redisStore({ send: async () => "OK" }).now()).rejects.toThrow(/something else than a list/);
  });
});

describe("a node that is killed in the middle", () => {
  test("of a sign-in leaves a whole session or none, and the same sign-in can be tried again", async () => {
    for (let commands = 0; ; commands++) {
      await server.admin.flushall();
      const record = recordAt(Date.now(), "a");
      const { store, limit } = counted();
      limit.commands = commands;
      const outcome = await store.insert(record).catch(() => "killed");
      const fresh = redisStore({ send });
      const found = await fresh.findBySecret(record.secretHash);
      expect(found?.record).toEqual((await fresh.find("a"))?.record);
      if (found !== null) expect(await listed(fresh, record)).toEqual(["a"]);
      expect(await fresh.insert(record)).toBe(found === null ? "done" : "exists");
      expect((await fresh.due(record.app, 10)).length).toBe(0);
      if (outcome === "done") break;
      expect(commands).toBeLessThan(10);
    }
  });

  test("of a change of the cookie's secret leaves the old one or the new one, and never both or none", async () => {
    for (let commands = 0; ; commands++) {
      await server.admin.flushall();
      const record = await inserted();
      const { store, limit } = counted();
      limit.commands = commands;
      const next = { ...record, secretHash: "new", authenticatedAt: record.authenticatedAt + 60_000 };
      const outcome = await store.replace(next, { revision: 0 }).catch(() => ({ outcome: "killed" }));
      const fresh = redisStore({ send });
      const old = await fresh.findBySecret(record.secretHash);
      const renewed = await fresh.findBySecret("new");
      expect([old, renewed].filter((found) => found !== null)).toHaveLength(1);
      expect(await listed(fresh, record)).toEqual(["a"]);
      if (renewed === null) expect((await fresh.replace(next, { revision: 0 })).outcome).toBe("done");
      expect((await fresh.findBySecret("new"))?.record).toEqual({ ...next, revision: 1 });
      if (outcome.outcome === "done") break;
      expect(commands).toBeLessThan(10);
    }
  });
});
