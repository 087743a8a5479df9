/**
 * How many heartbeats a second one process takes over real HTTP, and two on one store. Servers and the load have processors of their
 * own where there are enough; where there are not, the processor time that each heartbeat takes of the servers says what they could.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { startRedis } from "../test/stores/support/redis-server.js";
import { MeasuredServer } from "./server/measure.js";

export interface SustainedResult {
  readonly name: string;
  readonly processes: number;
  readonly people: number;
  /** Accepted heartbeats a second, as they were. */
  readonly rate: number;
  /** Milliseconds from a heartbeat to its answer: half of them less, and 99 of 100. */
  readonly median: number;
  readonly p99: number;
  /** Microseconds of all servers' processor time for one heartbeat. */
  readonly cost: number;
  /** The part of a processor that each server has used. */
  readonly busy: number;
  /** Whether each process, the load's too, had a processor of its own. */
  readonly isApart: boolean;
}

const PEOPLE = 64;

/** Gives a process its processors, where that can be said. */
function pin(pid: number | undefined, processors: string): boolean {
  if (process.platform !== "linux" || pid === undefined) return false;
  return spawnSync("taskset", ["-a", "-c", "-p", processors, String(pid)]).status === 0;
}

async function sustain(
  name: string,
  setting: { readonly store: string; readonly folder: string; readonly redis?: string },
  processes: number,
  period: number,
): Promise<SustainedResult> {
  const of = {
    name,
    setting: { app: "node", ...setting },
    calls: ["heartbeat"],
    presence: "heartbeat",
  } as const;
  const servers = Array.from({ length: processes }, () => new MeasuredServer(of));
  const count = cpus().length;
  const isPinned = servers.every(({ pid }, at) => pin(pid, String(at % count)));
  const isApart = isPinned && processes < count && pin(process.pid, `${processes}-${count - 1}`);
  try {
    for (const server of servers) await server.open(PEOPLE / processes);
    const waits: number[] = [];
    const drive = async (until: number) => {
      const people = servers.flatMap((server) => server.people);
      await Promise.all(
        people.map(async (person) => {
          while (performance.now() < until) {
            const from = performance.now();
            await person.heartbeat();
            waits.push(performance.now() - from);
          }
        }),
      );
    };
    const used = async () =>
      (await Promise.all(servers.map((server) => server.cpu()))).reduce((a, b) => a + b);
    await drive(performance.now() + period / 4);
    waits.length = 0;
    const [before, began] = [await used(), performance.now()];
    await drive(began + period);
    const [spent, took] = [(await used()) - before, performance.now() - began];
    waits.sort((a, b) => a - b);
    const at = (share: number) => waits[Math.floor(share * (waits.length - 1))] ?? Number.NaN;
    return {
      name,
      processes,
      people: PEOPLE,
      rate: (waits.length * 1_000) / took,
      median: at(0.5),
      p99: at(0.99),
      cost: spent / waits.length,
      busy: spent / 1_000 / took / processes,
      isApart,
    };
  } finally {
    for (const server of servers) server.close();
    pin(process.pid, `0-${count - 1}`);
  }
}

/** @param period for how long each is driven, in milliseconds */
export async function measureSustained(period: number): Promise<readonly SustainedResult[]> {
  const folder = mkdtempSync(join(tmpdir(), "curfew-bench-"));
  const redis = await startRedis();
  try {
    const results: SustainedResult[] = [];
    for (const [name, store] of [
      ["SQLite, `full`", "sqlite full"],
      ["Redis", "redis"],
    ] as const)
      for (const processes of [1, 2])
        results.push(await sustain(name, { store, folder, redis: redis.url }, processes, period));
    return results;
  } finally {
    await redis.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
