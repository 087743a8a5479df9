/** Real Redis servers for tests: started on free ports in folders of their own, killed at the end. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { freePort } from "../../free-port.js";
import { paced } from "../../timing.js";

export interface RedisServer {
  readonly port: number;
  readonly url: string;
  readonly folder: string;
  /** A connection for the test's own commands. */
  readonly admin: Redis;
  /** `kill -9`; resolves once the process is gone. */
  kill(): Promise<void>;
  /** Stops the process as it is, with its connections open. */
  freeze(): void;
  thaw(): void;
  /** On the same port and folder, after a kill. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Asks until the answer is yes.
 * @param what is missing as long as it is no; a function, where that is known at the end alone
 */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string | (() => string),
  timeout = paced(30_000),
): Promise<void> {
  const startedAt = performance.now();
  for (;;) {
    if (await condition()) return;
    if (performance.now() - startedAt > timeout)
      throw new Error(`after ${timeout} ms: ${typeof what === "string" ? what : what()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Starts a server and waits until it answers. */
export function startRedis(...settings: readonly string[]): Promise<RedisServer> {
  return startProgram((folder) => ["--dir", folder, "--save", "", "--appendonly", "no", ...settings]);
}

/** Starts a sentinel on its configuration, which it will write to. */
export function startSentinel(file: string): Promise<RedisServer> {
  return startProgram(() => [file, "--sentinel"]);
}

async function startProgram(argumentsIn: (folder: string) => readonly string[]): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), "curfew-redis-"));
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  const args = [...argumentsIn(folder), "--port", `${port}`, "--bind", "127.0.0.1"];
  let child = spawnRedis(args);
  const admin = new Redis(url, { maxRetriesPerRequest: null, retryStrategy: () => 50 });
  admin.on("error", () => {});
  const answers = () => until(async () => (await admin.ping()) === "PONG", "redis-server does not answer");
  await answers();
  const kill = async () => {
    const exited = once(child, "exit");
    if (child.exitCode === null && child.signalCode === null && child.kill("SIGKILL")) await exited;
  };
  return {
    port,
    url,
    folder,
    admin,
    kill,
    freeze: () => void child.kill("SIGSTOP"),
    thaw: () => void child.kill("SIGCONT"),
    async restart() {
      child = spawnRedis(args);
      await answers();
    },
    async stop() {
      admin.disconnect();
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function spawnRedis(args: readonly string[]): ChildProcess {
  const child = spawn("redis-server", args, { stdio: "ignore" });
  child.once("error", (error) => {
    throw new Error(
      `redis-server cannot be started (node scripts/install-redis.mjs gets it): ${error.message}`,
    );
  });
  return child;
}

const SLOTS = 16_384;

export interface RedisCluster {
  readonly servers: readonly RedisServer[];
  stop(): Promise<void>;
}

/** Starts masters, shares the slots out between them, and waits until every one of them calls the cluster whole. */
export async function startRedisCluster(masters: number, ...own: readonly string[]): Promise<RedisCluster> {
  const settings = ["--cluster-enabled", "yes", "--cluster-node-timeout", "2000", ...own];
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
