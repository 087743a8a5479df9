import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { Agent, request } from "node:http";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { paced } from "../timing.js";
import { startPostgres } from "./support/postgres-server.js";
import { startRedis } from "./support/redis-server.js";

const PATIENCE = paced(60_000);
const script = fileURLToPath(new URL("./support/stalled-process.ts", import.meta.url));
/** 40 requests a second. */
const INTERVAL = 25;
const REQUESTS = 120;
/** An answer is due within this time where the store does not answer; what more a busy machine may take. */
const DUE = 250;
const SLACK = paced(500);

interface Answer {
  readonly status: number;
  readonly took: number;
  readonly cookie: string;
}

interface Database {
  readonly url: string;
  freeze(): unknown;
  thaw(): void;
  stop(): Promise<void>;
}

let database: Database;
let child: ChildProcess;
let port = 0;
let cookie = "";
// The kernel would wait for the answer on a connection of its own all the same; this spares it connections.
const agent = new Agent({ keepAlive: true, maxSockets: 100 });

async function start(starts: () => Promise<Database>): Promise<void> {
  database = await starts();
  child = spawn(process.execPath, ["--import", "tsx", script, database.url], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  if (child.stdout === null) throw new Error("the process has a standard output");
  const [line] = await once(createInterface(child.stdout), "line");
  port = Number(line);
  ({ cookie } = await asked("/sign-in"));
}

async function stop(): Promise<void> {
  child.kill("SIGKILL");
  await database.stop();
}

afterAll(() => agent.destroy());

function asked(path: string): Promise<Answer> {
  const sentAt = performance.now();
  return new Promise((resolve, reject) => {
    const headers = path === "/" ? { cookie } : {};
    const sent = request({ host: "127.0.0.1", port, path, agent, headers });
    sent.once("error", reject);
    sent.once("response", (response) => {
      response.resume();
      const [setCookie = ""] = response.headers["set-cookie"] ?? [];
      resolve({
        status: response.statusCode ?? 0,
        took: performance.now() - sentAt,
        cookie: setCookie.split(";")[0] ?? "",
      });
    });
    sent.end();
  });
}

/** Asks 40 times a second, and now and then for a sign-in, which takes many steps of the store. */
async function flood(count: number): Promise<readonly Answer[]> {
  const answers: Promise<Answer>[] = [];
  for (let at = 0; at < count; at++) {
    answers.push(asked(at % 20 === 7 ? "/sign-in" : "/"));
    await new Promise((resolve) => setTimeout(resolve, INTERVAL));
  }
  return Promise.all(answers);
}

/** From now on; resolves once the process has heard it. */
async function standStill(duration: number): Promise<void> {
  child.stdin?.write(`${duration}\n`);
  await asked("/");
}
const worst = (answers: readonly Answer[]) => Math.max(...answers.map(({ took }) => took));
const counted = (answers: readonly Answer[]) => {
  const counts: Record<number, number> = {};
  for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
};

describe.each([
  { name: "Redis", starts: startRedis, durations: [100, 300, 1_000], whileHung: [0, 300] },
  { name: "PostgreSQL", starts: startPostgres, durations: [300], whileHung: [300] },
])("beside $name", ({ name, starts, durations, whileHung }) => {
  beforeAll(() => start(starts), PATIENCE);
  afterAll(stop);

  test.each(durations)(
    "a process that stands still for %i ms a second says to nobody that the store is away",
    { timeout: PATIENCE },
    async (duration) => {
      await standStill(duration);
      const answers = await flood(REQUESTS);
      await standStill(0);
      console.info(
        `standing still for ${duration} ms: ${answers.length} answers, the slowest after ${worst(answers).toFixed(0)} ms`,
      );
      expect(counted(answers)).toEqual({ 200: REQUESTS });
    },
  );

  test.each(whileHung)(
    "a store that hangs is told of in time by a process that stands still for %i ms a second",
    { timeout: PATIENCE },
    async (duration) => {
      await standStill(duration);
      await database.freeze();
      const answers = await flood(REQUESTS / 2);
      database.thaw();
      await standStill(0);
      console.info(
        `${name} hangs, standing still for ${duration} ms: 503 after ${worst(answers).toFixed(0)} ms at most`,
      );
      expect(counted(answers)).toEqual({ 503: REQUESTS / 2 });
      expect(worst(answers)).toBeLessThan(DUE + 2 * duration + SLACK);
    },
  );
});
