import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Cluster, Redis } from "ioredis";
import { describe, expect, onTestFinished, test } from "vitest";
import type { SessionVerifier } from "../../src/server/adapters/node.js";
import { REDIS_CONNECTION, type RedisSender, redisStore } from "../../src/server/stores/redis/store.js";
import type { TestBrowser } from "../server/support/test-browser.js";
import { paced } from "../timing.js";
import {
  type RedisServer,
  startRedis,
  startRedisCluster,
  startSentinel,
  until,
} from "./support/redis-server.js";
import {
  expectEnded,
  expectRecovery,
  expectUnavailable,
  signedInBrowser,
  watchedVerifier,
} from "./support/watched-verifier.js";

const PATIENCE = paced(90_000);
const HOUR = 60 * 60_000;
async function started(...settings: readonly string[]): Promise<RedisServer> {
  const server = await startRedis(...settings);
  onTestFinished(() => server.stop());
  return server;
}

function watched(target: Parameters<typeof redisStore>[0], replicas = 0) {
  const verifier = watchedVerifier(redisStore(target, { replicas }));
  onTestFinished(() => verifier.sessions.close());
  return verifier;
}

interface NodeAnswer {
  readonly status: number;
  readonly now?: number;
  readonly expiresAt?: number;
  readonly reason?: string;
  readonly endedAt?: number;
  readonly cookie: string | null;
}

/** A process of its own, whose clocks are wrong by `shift`. */
async function shiftedNode(url: string, shift: number) {
  const script = fileURLToPath(new URL("./support/shifted-node.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", script, url, String(shift)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const next = async () => JSON.parse(String((await lines.next()).value)) as unknown;
  const { clock } = (await next()) as { clock: number };
  return {
    clock,
    async ask(cookie: string | null): Promise<NodeAnswer> {
      child.stdin.write(`${JSON.stringify({ cookie })}\n`);
      return (await next()) as NodeAnswer;
    },
  };
}

test("two nodes whose clocks are an hour apart agree on every deadline", { timeout: PATIENCE }, async () => {
  const { url } = await started();
  const nodes = await Promise.all([shiftedNode(url, HOUR / 2), shiftedNode(url, -HOUR / 2)]);
  const [ahead, behind] = nodes;
  expect((ahead?.clock ?? 0) - (behind?.clock ?? 0)).toBeGreaterThan(HOUR - 60_000);
  const cookies: NodeAnswer[] = [];
  for (const node of [...nodes, ...nodes]) cookies.push(await node.ask(null));
  expect(cookies.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  for (const { cookie, expiresAt = 0 } of cookies) {
    let isOver = false;
    await until(async () => {
      for (const node of nodes) {
        const { status, now = 0, reason, endedAt } = await node.ask(cookie);
        if (status === 200) expect([isOver, now < expiresAt]).toEqual([false, true]);
        else expect({ status, reason, endedAt }).toEqual({ status: 401, reason: "idle", endedAt: expiresAt });
        isOver ||= status !== 200;
      }
      return isOver;
    }, "the session does not end");
  }
});

test("a heartbeat whose write is held up cannot bring back what was ended meanwhile", async () => {
  const { url } = await started();
  const client = new Redis(url);
  onTestFinished(() => client.disconnect());
  const held: (() => void)[] = [];
  let holds = false;
  const target: RedisSender = {
    async send([command = "", ...args]) {
      const writes = args.some((arg) => arg.includes('"lastHeartbeat":"'));
      if (holds && writes) await new Promise<void>((release) => held.push(release));
      return client.call(command, ...args);
    },
  };
  const slow = watched(target);
  const quick = watched(url);
  const browser = await signedInBrowser(slow.sessions);
  holds = true;
  const beat = browser.beat(Date.now());
  await until(() => held.length > 0, "the heartbeat was not written");
  holds = false;
  await quick.sessions.end(browser.live.sid);
  for (const release of held) release();
  expect((await beat).status).not.toBe(200);
  await expectEnded(slow, browser);
  await expectEnded(quick, browser);
});

describe("a master that fails over", { timeout: PATIENCE }, () => {
  /** A master, its replica, and a sentinel that promotes the replica half a second after the master is gone, or later on a slow machine. */
  async function sentinels() {
    const atOnce = ["--repl-diskless-sync-delay", "0"];
    const master = await started(...atOnce);
    const replica = await started(...atOnce, "--replicaof", `127.0.0.1 ${master.port}`);
    await until(
      async () => (await replica.admin.info("replication")).includes("master_link_status:up"),
      "the replica does not follow",
    );
    const file = join(master.folder, "sentinel.conf");
    writeFileSync(
      file,
      `sentinel monitor main 127.0.0.1 ${master.port} 1
sentinel down-after-milliseconds main ${paced(500)}
sentinel failover-timeout main 2000\n`,
    );
    const sentinel = await startSentinel(file);
    onTestFinished(() => sentinel.stop());
    const client = new Redis({
      ...REDIS_CONNECTION,
      sentinels: [{ host: "127.0.0.1", port: sentinel.port }],
      name: "main",
      sentinelRetryStrategy: () => 50,
    });
    client.on("error", () => {});
    onTestFinished(() => client.disconnect());
    await until(() => client.status === "ready", "the sentinel leads nowhere");
    return { master, replica, client };
  }

  async function signedInMany(sessions: SessionVerifier, count: number): Promise<readonly TestBrowser[]> {
    const browsers: TestBrowser[] = [];
    for (let at = 0; at < count; at++) browsers.push(await signedInBrowser(sessions));
    return browsers;
  }

  test("503 meanwhile; no acknowledged end is lost with replicas: 1; recovers by itself", async () => {
    const { master, replica, client } = await sentinels();
    const verifier = watched(client, 1);
    const browsers = await signedInMany(verifier.sessions, 20);
    const [first, ...others] = browsers;
    if (first === undefined) throw new Error("there are twenty");
    const acknowledged: TestBrowser[] = [];
    const unavailable: TestBrowser[] = [];
    let killed: Promise<void> | null = null;
    for (const browser of others) {
      const end = verifier.sessions.end(browser.live.sid);
      if (acknowledged.length === 8) killed ??= master.kill();
      await end.then(
        () => acknowledged.push(browser),
        () => unavailable.push(browser),
      );
    }
    await killed;
    expect(acknowledged.length).toBeGreaterThanOrEqual(8);
    expect(unavailable.length).toBeGreaterThan(0);
    await expectUnavailable("Redis fails over", verifier, first);
    await until(
      async () => (await replica.admin.info("replication")).includes("role:master"),
      "the replica was not promoted",
    );
    await expectRecovery(verifier, first);
    await master.restart();
    await master.admin.replicaof("127.0.0.1", replica.port);
    await until(
      async () => (await master.admin.info("replication")).includes("master_link_status:up"),
      "the old master does not follow the new one",
    );
    for (const browser of acknowledged) await expectEnded(verifier, browser);
  });

  test("an end that no replica has confirmed is not acknowledged, and not shown as one", async () => {
    const { replica, client } = await sentinels();
    const verifier = watched(client, 1);
    const browser = await signedInBrowser(verifier.sessions);
    replica.freeze();
    await expect(verifier.sessions.end(browser.live.sid)).rejects.toMatchObject({ status: 503 });
    await expect(verifier.sessions.end(browser.live.sid)).rejects.toMatchObject({ status: 503 });
    await expectUnavailable("no replica confirms an end", verifier, browser);
    replica.thaw();
    await until(async () => (await browser.ask()).status === 401, "the end is not confirmed after all");
    await expectEnded(verifier, browser);
  });
});

test("a cluster that has lost a master: 503, and the same sessions and ends afterwards", {
  timeout: PATIENCE,
}, async () => {
  const cluster = await startRedisCluster(3, "--appendonly", "yes", "--appendfsync", "always");
  onTestFinished(() => cluster.stop());
  const hosts = cluster.servers.map(({ port }) => ({ host: "127.0.0.1", port }));
  const client = new Cluster(hosts, { enableOfflineQueue: true, redisOptions: REDIS_CONNECTION });
  client.on("error", () => {});
  onTestFinished(() => client.disconnect());
  const verifier = watched(client);
  const browsers: TestBrowser[] = [];
  for (let at = 0; at < 6; at++) browsers.push(await signedInBrowser(verifier.sessions));
  const ended = browsers.splice(0, 2);
  for (const browser of ended) await verifier.sessions.end(browser.live.sid);
  const [lost] = cluster.servers;
  await lost?.kill();
  await until(
    async () =>
      (await Promise.all(browsers.map((browser) => browser.ask()))).every(({ status }) => status === 503),
    "the cluster goes on without a third of its slots",
  );
  for (const browser of browsers) await expectUnavailable("a cluster has lost a master", verifier, browser);
  await lost?.restart();
  for (const browser of browsers) await expectRecovery(verifier, browser);
  for (const browser of ended) await expectEnded(verifier, browser);
});
