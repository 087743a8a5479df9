/** What a heartbeat, a question for the status and a guard cost the server, beside the floor and beside what people use instead. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startRedis } from "../test/stores/support/redis-server.js";
import type { Setting } from "./server/apps.js";
import { type Call, type Cost, type Measured, measureServers, type Rounds } from "./server/measure.js";

export interface ServerResult {
  readonly name: string;
  readonly costs: Readonly<Partial<Record<Call, Cost>>>;
}

const FULL: Rounds = { people: 16, rounds: 5, requests: 1_600 };
const QUICK: Rounds = { people: 16, rounds: 3, requests: 480 };

const ALL: readonly Call[] = ["heartbeat", "status", "guarded", "plain"];
const PEER: readonly Call[] = ["heartbeat", "guarded", "plain"];

type Row = readonly [
  name: string,
  setting: Omit<Setting, "folder">,
  more?: Partial<Omit<Measured, "name" | "setting">>,
];

/** The straight lines stand before what they are the limit of. */
const LIMIT: Partial<Measured> = { calls: ["heartbeat", "status"] };

/** The first is the floor; the frameworks alone follow those that have Curfew. */
const ROWS: readonly Row[] = [
  ["the floor", { app: "floor" }, { calls: ["heartbeat", "status", "plain"] }],
  ["the protocol in a straight line", { app: "straight" }, LIMIT],
  ["Curfew, memory", { app: "node" }],
  ["a straight line that appends to a file", { app: "straight", audit: "json lines" }, LIMIT],
  ["Curfew, memory, `jsonLinesAudit`", { app: "node", audit: "json lines" }],
  ["Curfew, memory, `signedLog`", { app: "node", audit: "signed log" }],
  ["a straight line to Redis", { app: "straight", store: "redis" }, LIMIT],
  ["Curfew, Redis", { app: "node", store: "redis" }],
  ["a straight line to SQLite, `relaxed`", { app: "straight", store: "sqlite relaxed" }, LIMIT],
  ["Curfew, SQLite, `relaxed`", { app: "node", store: "sqlite relaxed" }],
  ["Curfew, SQLite, `full`", { app: "node", store: "sqlite full" }],
  ["Curfew on Express, memory", { app: "express" }],
  ["Curfew on Fastify, memory", { app: "fastify" }],
  ["Curfew on Hono, memory", { app: "hono" }],
  ["Node alone", { app: "node alone" }, { calls: ["plain"], presence: "request" }],
  ["Express alone", { app: "express alone" }, { calls: ["plain"], presence: "request" }],
  [
    "express-session, memory (unsigned, any request)",
    { app: "express-session" },
    { calls: PEER, presence: "request" },
  ],
  [
    "express-session, connect-redis (unsigned, any request)",
    { app: "express-session", store: "redis" },
    { calls: PEER, presence: "request" },
  ],
  [
    "better-auth, get-session (unsigned, any request)",
    { app: "better-auth" },
    { calls: ["heartbeat", "plain"], presence: "request" },
  ],
  ["a DPoP proof by `jose`, nothing kept", { app: "dpop" }, { calls: ["heartbeat"], presence: "dpop" }],
];

/** @param isQuick fewer and shorter rounds */
export async function measureHeartbeats(isQuick = false): Promise<readonly ServerResult[]> {
  const folder = mkdtempSync(join(tmpdir(), "curfew-bench-"));
  const redis = await startRedis();
  try {
    const all = ROWS.map(([name, setting, more], at): Measured => {
      const own = join(folder, String(at));
      mkdirSync(own);
      return {
        name,
        calls: ALL,
        presence: "heartbeat",
        ...more,
        setting: { ...setting, folder: own, redis: redis.url },
      };
    });
    const costs = await measureServers(all, isQuick ? QUICK : FULL);
    return [...costs].map(([name, each]) => ({ name, costs: each }));
  } finally {
    await redis.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const micro = (cost: Cost | undefined) =>
  cost === undefined ? "" : `${cost.median.toFixed(0)} (${cost.best.toFixed(0)} to ${cost.worst.toFixed(0)})`;

/** A row for each server: microseconds of processor time, with the ratio to the floor's heartbeat. */
export function heartbeatRows(results: readonly ServerResult[]): readonly (readonly string[])[] {
  const floor = results[0]?.costs.heartbeat?.median ?? Number.NaN;
  return results.map(({ name, costs: { heartbeat, status, guarded, plain } }) => [
    name,
    micro(heartbeat),
    heartbeat === undefined ? "" : `${(heartbeat.median / floor).toFixed(2)} ×`,
    micro(status),
    guarded === undefined || plain === undefined ? "" : (guarded.median - plain.median).toFixed(0),
    micro(plain),
  ]);
}
