/** What open streams of news cost a node: memory, the keep-alives, and the time to tell everybody, beside as many questions. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { Agent, get } from "node:http";
import { fileURLToPath } from "node:url";

export interface StreamsResult {
  readonly streams: number;
  /** Bytes of the process's memory for one open stream, its connection included. */
  readonly bytesEach: number;
  /** Of one core's time, while nothing happens but the keep-alives. */
  readonly idleShare: number;
  /** Ending all sessions and telling all pages, by the time that as many questions for the session take. */
  readonly toldRatio: number;
  readonly toldMs: number;
}

interface Cost {
  readonly memory: number;
  readonly cpu: number;
}

/** Three rounds of keep-alives. */
const QUIET_PERIOD = 60_000;
const AT_ONCE = 100;

export async function measureStreams(streams: number): Promise<StreamsResult> {
  const node = fork(fileURLToPath(new URL("streams-server.ts", import.meta.url)), {
    execArgv: ["--import", "tsx", "--expose-gc"],
  });
  try {
    const { port } = await said<{ port: number }>(node);
    const url = `http://127.0.0.1:${port}`;
    const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
    const cookies = await inTurn(streams, () => cookieOf(url, agent));
    const askedFrom = performance.now();
    await inTurn(streams, (at) => ask(url, agent, cookies[at] ?? ""));
    const asked = performance.now() - askedFrom;
    const before = await costOf(node);
    const pages = await inTurn(streams, (at) => open(url, cookies[at] ?? ""));
    await pause(2_000);
    const began = await costOf(node);
    await pause(QUIET_PERIOD);
    const ended = await costOf(node);
    const toldFrom = performance.now();
    node.send("end");
    await Promise.all(pages.map(({ told }) => told));
    const toldMs = performance.now() - toldFrom;
    return {
      streams,
      bytesEach: (began.memory - before.memory) / streams,
      idleShare: (ended.cpu - began.cpu) / QUIET_PERIOD,
      toldRatio: toldMs / asked,
      toldMs,
    };
  } finally {
    node.kill();
  }
}

async function said<T>(node: ChildProcess): Promise<T> {
  const [message] = (await once(node, "message")) as [T];
  return message;
}

async function costOf(node: ChildProcess): Promise<Cost> {
  node.send("cost");
  return said<Cost>(node);
}

async function inTurn<T>(count: number, work: (at: number) => Promise<T>): Promise<T[]> {
  const done: T[] = [];
  let next = 0;
  const go = async () => {
    for (let at = next++; at < count; at = next++) done[at] = await work(at);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, go));
  return done;
}

function cookieOf(url: string, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    get(`${url}/start`, { agent }, (response) => {
      const [set = ""] = response.headers["set-cookie"] ?? [];
      response.resume().once("end", () => resolve(set.split(";")[0] ?? ""));
    }).once("error", reject);
  });
}

function ask(url: string, agent: Agent, cookie: string): Promise<void> {
  return new Promise((resolve, reject) => {
    get(`${url}/curfew/session`, { agent, headers: { cookie } }, (response) => {
      response.resume().once("end", () => resolve());
    }).once("error", reject);
  });
}

/** A page that holds its stream; `told` once it has heard of the end. */
function open(url: string, cookie: string): Promise<{ readonly told: Promise<void> }> {
  return new Promise((resolve, reject) => {
    get(`${url}/curfew/events`, { agent: false, headers: { cookie } }, (response) => {
      if (response.statusCode !== 200)
        return reject(new Error(`the stream was answered ${response.statusCode}`));
      const told = new Promise<void>((hear) => {
        response.on("data", (part: Buffer) => {
          if (part.includes("event: end")) hear();
        });
      });
      return resolve({ told });
    }).once("error", reject);
  });
}

function pause(period: number): Promise<void> {
  return new Promise((go) => setTimeout(go, period));
}
