/** Real Redis servers for tests: started on free ports in folders of their own, killed at the end. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";

export interface RedisServer {
  readonly port: number;
  readonly url: string;
  readonly folder: string;
  /** A connection for the test's own commands. */
  readonly admin: Redis;
  /** As the operator's hand, a crash or the kernel would. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** On the same port and folder, after a kill. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Asks until the answer is yes. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  timeout = 15_000,
): Promise<void> {
  const startedAt = performance.now();
  for (;;) {
    if (await condition()) return;
    if (performance.now() - startedAt > timeout) throw new Error(`after ${timeout} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Starts a server and waits until it answers. */
export async function startRedis(...settings: readonly string[]): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), "curfew-redis-"));
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  let child = spawnRedis(port, folder, settings);
  const admin = new Redis(url, { maxRetriesPerRequest: null, retryStrategy: () => 50 });
  admin.on("error", () => {});
  const answers = () => until(async () => (await admin.ping()) === "PONG", "redis-server does not answer");
  await answers();
  const kill = async (signal: NodeJS.Signals) => {
    const exited = once(child, "exit");
    if (child.exitCode === null && child.signalCode === null && child.kill(signal)) await exited;
  };
  return {
    port,
    url,
    folder,
    admin,
    kill,
    async restart() {
      child = spawnRedis(port, folder, settings);
      await answers();
    },
    async stop() {
      admin.disconnect();
      await kill("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function spawnRedis(port: number, folder: string, settings: readonly string[]): ChildProcess {
  const own = [
    "--port",
    `${port}`,
    "--bind",
    "127.0.0.1",
    "--dir",
    folder,
    "--save",
    "",
    "--appendonly",
    "no",
  ];
  const child = spawn("redis-server", [...own, ...settings], { stdio: "ignore" });
  child.once("error", (error) => {
    throw new Error(
      `redis-server cannot be started (node scripts/install-redis.mjs gets it): ${error.message}`,
    );
  });
  return child;
}

/** Below the ephemeral ports, and with room for a cluster's bus 10,000 above. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    if ((await isFree(port)) && (await isFree(port + 10_000))) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

const SLOTS = 16_384;

export interface RedisCluster {
  readonly servers: readonly RedisServer[];
  stop(): Promise<void>;
}

/** Starts masters, shares the slots out between them, and waits until every one of them calls the cluster whole. */
export async function startRedisCluster(masters = 3): Promise<RedisCluster> {
  const settings = ["--cluster-enabled", "yes", "--cluster-node-timeout", "2000"];
  const servers = await Promise.all([...Array(masters).keys()].map(() => startRedis(...settings)));
  const share = Math.ceil(SLOTS / masters);
  const [first] = servers;
  for (const [at, { admin, port }] of servers.entries()) {
    const last = Math.min(SLOTS, (at + 1) * share) - 1;
    await admin.call("CLUSTER", "ADDSLOTSRANGE", `${at * share}`, `${last}`);
    await admin.call("CLUSTER", "SET-CONFIG-EPOCH", `${at + 1}`);
    if (at > 0) await first?.admin.call("CLUSTER", "MEET", "127.0.0.1", `${port}`);
  }
  const isWhole = async ({ admin }: RedisServer) => {
    const info = String(await admin.call("CLUSTER", "INFO"));
    return info.includes("cluster_state:ok") && info.includes(`cluster_known_nodes:${masters}`);
  };
  await until(
    async () => (await Promise.all(servers.map(isWhole))).every(Boolean),
    "the cluster is not whole",
  );
  return { servers, stop: async () => void (await Promise.all(servers.map((server) => server.stop()))) };
}
