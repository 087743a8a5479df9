/**
 * What a million sessions do: the calls of one person among them in each store, a person who has signed in very often, and a
 * million that expire within one minute. Takes minutes and some GiB, so it is a command of its own: `npx tsx bench/million.ts`.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createSessionVerifier } from "../src/server/adapters/node.js";
import { memoryStore } from "../src/server/stores/memory.js";
import { redisStore } from "../src/server/stores/redis/store.js";
import { sqliteStore } from "../src/server/stores/sqlite/store.js";
import type { SessionStore } from "../src/server/stores/store.js";
import { startRedis } from "../test/stores/support/redis-server.js";
import { type GrowthResult, growthOf, LOGGER, measureExpiry, medianOf, POLICY } from "./growth.js";
import { expiryTable, growthTable } from "./growth-tables.js";
import { count, table } from "./tables.js";

const SESSIONS = Number(process.env.SESSIONS ?? 1_000_000);
const REDIS_SESSIONS = Number(process.env.REDIS_SESSIONS ?? 200_000);
const SIGN_INS = Number(process.env.SIGN_INS ?? 100_000);
const MINUTE = 60_000;

const request = () => new Request("https://app.test/login", { method: "POST" });

/** Somebody who has signed in and out so often, beside somebody who has not: medians in microseconds. */
async function regularOf(store: SessionStore): Promise<readonly (readonly string[])[]> {
  const sessions = createSessionVerifier({ policy: POLICY, store, signInUrl: "/login", logger: LOGGER });
  let left = SIGN_INS;
  const lane = async () => {
    while (left-- > 0) {
      const { session } = await sessions.start(request(), { subject: "regular" });
      await sessions.end(session.sid, "signed-out");
    }
  };
  // Side by side, as a store that gathers writes has them.
  await Promise.all(Array.from({ length: 64 }, lane));
  const rows: string[][] = [];
  for (const [subject, past] of [
    ["new", 0],
    ["regular", SIGN_INS],
  ] as const) {
    const own = (at: number) => (past === 0 ? `${subject} ${at}` : subject);
    // One session is live, beside the past ones.
    await sessions.start(request(), { subject: own(0) });
    const list = await medianOf(() => sessions.list(own(0)));
    const signIn = await medianOf((at) => sessions.start(request(), { subject: own(at) }));
    await sessions.endAll(own(0));
    const endAll = await medianOf(async (at) => {
      await sessions.start(request(), { subject: own(at) });
      await sessions.endAll(own(at));
    });
    rows.push([`${store.name}, ${count(past)}`, ...[signIn, list, endAll].map(count)]);
  }
  await sessions.close();
  return rows;
}

async function measure(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "curfew-bench-"));
  const redis = await startRedis();
  const growth: GrowthResult[] = [];
  const print = (...parts: readonly string[]) => console.log(`${parts.join("\n\n")}\n`);
  const sqlite = (name: string) => sqliteStore(join(folder, name), { durability: "relaxed" });
  try {
    growth.push(await growthOf("memory", memoryStore(), SESSIONS));
    growth.push(await growthOf("SQLite", sqlite("million.db"), SESSIONS));
    growth.push(await growthOf("Redis", redisStore(redis.url), REDIS_SESSIONS));
    print("## Among a million sessions", growthTable(growth));
    const regular = [...(await regularOf(memoryStore())), ...(await regularOf(sqlite("regular.db")))];
    print(
      `## A person with ${count(SIGN_INS)} past sessions`,
      "Microseconds, medians; `endAll` with the sign-in that it ends, and with the 2 ms that it waits on purpose.",
      table(["past sessions", "sign-in", "`list`", "sign-in and `endAll`"], regular),
    );
    print(
      "## Within one minute",
      "In memory, with one request after the other beside it.",
      expiryTable([await measureExpiry(SESSIONS, MINUTE)]),
    );
  } finally {
    await redis.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv.includes("--measure")) await measure();
else {
  const own = fileURLToPath(import.meta.url);
  const flags = ["--expose-gc", "--max-old-space-size=12288", "--import", "tsx"];
  const { status } = spawnSync(process.execPath, [...flags, own, "--measure"], { stdio: "inherit" });
  process.exitCode = status ?? 1;
}
