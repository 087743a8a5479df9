import { copyFileSync, mkdirSync, readFileSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { Redis } from "ioredis";
import { describe, expect, onTestFinished, test } from "vitest";
import { type RedisStoreOptions, redisStore } from "../../src/server/stores/redis/store.js";
import { recordAt, subjectAt } from "../../src/testing/store-conformance-records.js";
import { paced } from "../timing.js";
import { type RedisServer, startRedis, until } from "./support/redis-server.js";
import {
  expectEnded,
  expectRecovery,
  expectUnavailable,
  signedInBrowser,
  type Watched,
  watchedVerifier,
} from "./support/watched-verifier.js";

const PATIENCE = paced(60_000);
const DURABLE = ["--appendonly", "yes", "--appendfsync", "always"];
async function started(...settings: readonly string[]): Promise<RedisServer> {
  const server = await startRedis(...settings);
  onTestFinished(() => server.stop());
  return server;
}

function watched(target: Parameters<typeof redisStore>[0], options: RedisStoreOptions = {}): Watched {
  const opened = watchedVerifier(redisStore(target, options));
  onTestFinished(() => opened.sessions.close());
  return opened;
}

/** A server, a verifier, a browser with a live session, and one whose session was ended. */
async function inUse(...settings: readonly string[]) {
  const server = await started(...settings);
  const verifier = watched(server.url);
  const browser = await signedInBrowser(verifier.sessions);
  const ended = await signedInBrowser(verifier.sessions);
  await verifier.sessions.end(ended.live.sid);
  return { server, verifier, browser, ended };
}

describe("a Redis that", { timeout: PATIENCE }, () => {
  test("is killed and restarted: 503, and the same sessions and ends afterwards", async () => {
    const { server, verifier, browser, ended } = await inUse(...DURABLE);
    await server.kill();
    await expectUnavailable("Redis is killed", verifier, browser);
    expect(verifier.log.join("\n")).toMatch(/redis store/);
    await server.restart();
    await expectRecovery(verifier, browser);
    await expectEnded(verifier, ended);
  });

  test("is paused: 503, and recovers", async () => {
    const { server, verifier, browser, ended } = await inUse();
    await server.admin.call("CLIENT", "PAUSE", "4000", "ALL");
    await expectUnavailable("Redis is paused", verifier, browser);
    await expectRecovery(verifier, browser);
    await expectEnded(verifier, ended);
  });

  test("hangs without closing its connections: 503, and recovers", async () => {
    const { server, verifier, browser, ended } = await inUse();
    server.freeze();
    await expectUnavailable("Redis hangs", verifier, browser);
    server.thaw();
    await expectRecovery(verifier, browser);
    await expectEnded(verifier, ended);
  });

  test("has become a replica: 503 for reads too, for it may be behind, and recovers", async () => {
    const { server, verifier, browser, ended } = await inUse();
    await server.admin.call("REPLICAOF", "127.0.0.1", "1");
    await expectUnavailable("Redis is a replica", verifier, browser);
    await expect(verifier.sessions.end(browser.live.sid)).rejects.toMatchObject({ status: 503 });
    await server.admin.call("REPLICAOF", "NO", "ONE");
    await expectRecovery(verifier, browser);
    await expectEnded(verifier, ended);
  });

  test("misses the replicas that it must have: 503, and recovers", async () => {
    const { server, verifier, browser, ended } = await inUse();
    await server.admin.config("SET", "min-replicas-to-write", "1");
    await expectUnavailable("Redis misses its replicas", verifier, browser);
    await server.admin.config("SET", "min-replicas-to-write", "0");
    await expectRecovery(verifier, browser);
    await expectEnded(verifier, ended);
  });

  test("is out of memory: 503, no end that is acknowledged and lost, and recovers", async () => {
    const { server, verifier, browser, ended } = await inUse();
    await server.admin.set("filling", "x".repeat(2_000_000));
    await server.admin.config("SET", "maxmemory", "1mb");
    await expectUnavailable("Redis is out of memory", verifier, browser);
    await expect(verifier.sessions.end(browser.live.sid)).rejects.toMatchObject({ status: 503 });
    await server.admin.config("SET", "maxmemory", "0");
    await expectRecovery(verifier, browser);
    await verifier.sessions.end(browser.live.sid);
    await expectEnded(verifier, browser);
    await expectEnded(verifier, ended);
  });

  test("cannot save what it is given: 503, and recovers", async () => {
    const { server, verifier, browser, ended } = await inUse("--save", "3600 1000000");
    const saved = (status: "ok" | "err") => async () =>
      (await server.admin.info("persistence")).includes(`rdb_last_bgsave_status:${status}`);
    const inTheWay = join(server.folder, "dump.rdb");
    mkdirSync(inTheWay);
    await server.admin.bgsave();
    await until(saved("err"), "the snapshot was written");
    await expectUnavailable("Redis cannot save", verifier, browser);
    rmdirSync(inTheWay);
    await server.admin.bgsave();
    await until(saved("ok"), "the snapshot was not written");
    await expectRecovery(verifier, browser);
    await expectEnded(verifier, ended);
  });

  test("was flushed: no session, and a heartbeat makes none", async () => {
    const { server, verifier, browser } = await inUse();
    await server.admin.flushall();
    expect((await browser.beat(Date.now())).body.type).toBe("urn:curfew:no-session");
    expect((await browser.ask()).body.type).toBe("urn:curfew:no-session");
    expect(await verifier.sessions.list("ann")).toEqual([]);
    expect(await server.admin.keys("curfew:{*")).toEqual([]);
  });

  test("has lost one session: that one is gone and none is made again", async () => {
    const { server, verifier, browser } = await inUse();
    const other = await signedInBrowser(verifier.sessions);
    await server.admin.del(`curfew:{${browser.live.sid}}`);
    expect((await browser.beat(Date.now())).body.type).toBe("urn:curfew:no-session");
    expect(await server.admin.exists(`curfew:{${browser.live.sid}}`)).toBe(0);
    expect((await other.beat(Date.now())).status).toBe(200);
    expect((await verifier.sessions.list("ann")).map(({ sid }) => sid)).toEqual([other.live.sid]);
  });

  test("was restored from an older snapshot: what it brings back is ended by endEverything()", async () => {
    const { server, verifier, browser } = await inUse();
    const dump = join(server.folder, "dump.rdb");
    await server.admin.save();
    copyFileSync(dump, `${dump}.old`);
    await verifier.sessions.end(browser.live.sid);
    await expectEnded(verifier, browser);
    await server.kill();
    copyFileSync(`${dump}.old`, dump);
    await server.restart();
    await until(async () => (await browser.ask()).status === 200, "the old snapshot was not loaded");
    const store = redisStore(server.url);
    const live: string[] = [];
    for await (const { sid, ended } of store.all("curfew")) if (ended === null) live.push(sid);
    await store.close();
    expect(live).toEqual([browser.live.sid]);
    expect(await verifier.sessions.endEverything()).toBe(1);
    await expectEnded(verifier, browser);
  });
});

test("nothing is read where nothing could be written, be it there or not", {
  timeout: PATIENCE,
}, async () => {
  const { admin } = await started();
  const store = redisStore({ send: ([command = "", ...args]) => admin.call(command, ...args) });
  const record = recordAt(await store.now(), "a");
  await store.insert(record);
  await store.replaceSubject({ ...subjectAt(record.startedAt), subject: "ann" }, 0);
  const reads: readonly (() => Promise<unknown>)[] = [
    () => store.now(),
    () => store.find("a"),
    () => store.find("b"),
    () => store.findBySecret(record.secretHash),
    () => store.findBySecret("hash-of-b"),
    () => store.findSubject(record.app, "ann"),
    () => store.findSubject(record.app, "bob"),
    () => store.listBySubject(record.app, record.subject, null, 10),
    () => store.due(record.app, 1),
  ];
  for (const read of reads) await read();
  await admin.call("REPLICAOF", "127.0.0.1", "1");
  for (const read of reads) await expect(read()).rejects.toThrow(/^READONLY/);
  await admin.call("REPLICAOF", "NO", "ONE");
  await admin.set("filling", "x".repeat(2_000_000));
  await admin.config("SET", "maxmemory", "1mb");
  await expect(store.find("a")).rejects.toThrow(/OOM/);
});

describe("at start", { timeout: PATIENCE }, () => {
  test.each(["allkeys-lru", "volatile-ttl"])(
    "a Redis that evicts by %s is refused, with the fix",
    async (policy) => {
      const { url } = await started("--maxmemory-policy", policy);
      const { sessions } = watched(url);
      await expect(sessions.ready()).rejects.toThrow(
        `this Redis has maxmemory-policy ${policy}, which drops sessions silently when memory is short; set "maxmemory-policy noeviction"`,
      );
    },
  );

  test("the eviction policy is seen with CONFIG GET alone, and with INFO alone", async () => {
    const { admin, url } = await started("--maxmemory-policy", "allkeys-random");
    for (const forbidden of ["-info", "-config"]) {
      await admin.call("ACL", "SETUSER", "app", "reset", "on", ">pw", "~*", "+@all", forbidden);
      const client = new Redis(url, { username: "app", password: "pw", enableReadyCheck: false });
      onTestFinished(async () => client.disconnect());
      await expect(redisStore(client).check?.()).rejects.toThrow(/maxmemory-policy allkeys-random/);
    }
  });

  test("a user may do no more than docs/operations.md says, and everything works", async () => {
    const { admin, port } = await started();
    const page = readFileSync(new URL("../../docs/operations.md", import.meta.url), "utf8");
    const [, rules = ""] = /^\| user \| `([^`]+)`/m.exec(page) ?? [];
    expect(rules).toContain("~curfew:*");
    await admin.call("ACL", "SETUSER", "app", "reset", "on", ">pw", ...rules.split(" "));
    const verifier = watched(`redis://app:pw@127.0.0.1:${port}`);
    await verifier.sessions.ready();
    const browser = await signedInBrowser(verifier.sessions);
    await expectRecovery(verifier, browser);
    await browser.reauthenticate("ann");
    expect((await browser.ask()).status).toBe(200);
    expect(await verifier.sessions.endEverything()).toBe(1);
    await expectEnded(verifier, browser);
    expect(verifier.log).toEqual([]);
  });

  test("a replica is refused", async () => {
    const master = await started();
    const { url } = await started("--replicaof", `127.0.0.1 ${master.port}`);
    const store = redisStore(url);
    onTestFinished(() => store.close());
    await expect(store.check?.()).rejects.toThrow(/a replica of Redis.*give it the master's address/);
  });

  test("a Redis of before 5 is refused", async () => {
    const send = async () => "# Server\r\nredis_version:4.0.14\r\n";
    await expect(redisStore({ send }).check?.()).rejects.toThrow(
      "needs Redis 5 or later; this one is 4.0.14",
    );
  });

  test("a Redis that cannot be reached is unavailable, and no mistake in the configuration", async () => {
    const store = redisStore("redis://127.0.0.1:1");
    onTestFinished(() => store.close());
    await expect(store.check?.()).rejects.toMatchObject({ code: "unavailable" });
  });

  test.each([
    ["http://127.0.0.1", /no Redis address; write "redis:\/\/host:6379"/],
    [7 as unknown as string, /needs the address of a Redis/],
  ])("the target %s is refused", (target, message) => {
    expect(() => redisStore(target)).toThrow(message);
  });

  test("an address that is wrong is refused without its password", () => {
    expect(() => redisStore("redis-tls://ann:hunter2@host")).toThrow(/^(?!.*hunter2)/);
  });

  test("a wrong option is refused", () => {
    const send = async () => null;
    expect(() => redisStore({ send }, { prefix: "{a}" })).toThrow(/prefix must be/);
    expect(() => redisStore({ send }, { replicas: -1 })).toThrow(/replicas must be 0 or more/);
    expect(() => redisStore({ send }, { ttl: 1 } as RedisStoreOptions)).toThrow(/unknown key "ttl"/);
  });

  test("a client that prefixes all keys is refused", () => {
    const client = new Redis({ lazyConnect: true, keyPrefix: "app:" });
    expect(() => redisStore(client)).toThrow(/keyPrefix.*give redisStore prefix/);
  });
});
