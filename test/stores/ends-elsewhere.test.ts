/** Open connections hear of an end on another node, on real stores and with thousands of sessions that are watched. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { createSessionVerifier, type SessionVerifier } from "../../src/server/adapters/node.js";
import { redisStore } from "../../src/server/stores/redis/store.js";
import { sqliteStore } from "../../src/server/stores/sqlite/store.js";
import type { SessionStore } from "../../src/server/stores/store.js";
import * as before from "../compatibility/curfew-0.3.0/server.js";
import { ORIGIN } from "../server/support/test-browser.js";
import { SILENT } from "../server/support/test-verifier.js";
import { type RedisServer, startRedis, until } from "./support/redis-server.js";

const PATIENCE = 120_000;
const WATCHED = 2_000;
const ENDED = 20;
const BATCH = 20;
const OPTIONS = {
  policy: { idle: "15m", absolute: "12h", warning: "2m" },
  signInUrl: "/login",
  logger: SILENT,
};

let folder = "";
let redis: RedisServer;
let count = 0;
const open: SessionVerifier[] = [];

beforeAll(async () => {
  redis = await startRedis();
  folder = mkdtempSync(join(tmpdir(), "curfew-"));
}, PATIENCE);
afterAll(async () => {
  await redis.stop();
  rmSync(folder, { recursive: true });
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((sessions) => sessions.close()));
});

function node(store: SessionStore, create = createSessionVerifier): SessionVerifier {
  const sessions = create({ ...OPTIONS, store });
  open.push(sessions);
  return sessions;
}

const STORES = [
  {
    name: "SQLite",
    place: () => join(folder, `sessions-${count++}.db`),
    store: (place: string) => sqliteStore(place, { durability: "relaxed" }),
    storeBefore: (place: string) => before.sqliteStore(place),
  },
  {
    name: "Redis",
    place: () => `test-${count++}`,
    store: (prefix: string) => redisStore(redis.url, { prefix }),
    storeBefore: (prefix: string) => before.redisStore(redis.url, { prefix }),
  },
] as const;

interface Watched {
  readonly sid: string;
  readonly signal: AbortSignal;
}

async function watchedOne(sessions: SessionVerifier, subject: string): Promise<Watched> {
  const started = await sessions.start(new Request(`${ORIGIN}/sign-in`, { method: "POST" }), { subject });
  const cookie = started.headers.get("set-cookie")?.split(";")[0] ?? "";
  const found = await sessions.check(new Request(`${ORIGIN}/`, { headers: { cookie } }));
  if (found.status !== "active") throw new Error("the session should live");
  return { sid: found.session.sid, signal: found.signal };
}

/** Sessions on that node, each with a signal that is watched. */
async function watched(sessions: SessionVerifier, number: number): Promise<readonly Watched[]> {
  await sessions.ready();
  const all: Watched[] = [];
  while (all.length < number) {
    const batch = [...Array(Math.min(BATCH, number - all.length)).keys()].map((at) => all.length + at);
    all.push(...(await Promise.all(batch.map((at) => watchedOne(sessions, `person-${at}`)))));
  }
  return all;
}

const aborted = (all: readonly Watched[]) => all.filter(({ signal }) => signal.aborted).map(({ sid }) => sid);

describe.each(STORES)("$name", ({ place, store, storeBefore }) => {
  test(`${ENDED} of ${WATCHED} sessions that are watched are ended on another node: their signals fire, and no others`, {
    timeout: PATIENCE,
  }, async () => {
    const where = place();
    const [here, there] = [node(store(where)), node(store(where))];
    const all = await watched(here, WATCHED);
    const some = all.filter((_one, at) => at % (WATCHED / ENDED) === 7);
    const startedAt = performance.now();
    for (const { sid } of some) await there.end(sid);
    await until(() => aborted(all).length === some.length, "not all ends are heard of");
    console.info(`${ENDED} ends of ${WATCHED}: heard after ${(performance.now() - startedAt).toFixed(0)} ms`);
    expect(new Set(aborted(all))).toEqual(new Set(some.map(({ sid }) => sid)));
    expect(some[0]?.signal.reason).toMatchObject({ code: "session-ended", reason: "revoked" });
  });

  test("everybody of a subject is told of what another node ends together", {
    timeout: PATIENCE,
  }, async () => {
    const where = place();
    const [here, there] = [node(store(where)), node(store(where))];
    const all = await watched(here, 3);
    await there.endAll("person-1");
    await until(() => aborted(all).length === 1, "the end is not heard of");
    expect(aborted(all)).toEqual([all[1]?.sid]);
    await there.endEverything();
    await until(() => aborted(all).length === 3, "not all ends are heard of");
  });

  test("an end that nobody tells of is found by looking: a node of the release before tells of none", {
    timeout: PATIENCE,
  }, async () => {
    const where = place();
    const here = node(store(where));
    const old = node(storeBefore(where), before.createSessionVerifier);
    const all = await watched(here, 50);
    // 0.3.0 takes a busy machine for a store that is away.
    await until(
      async () =>
        old.end(all[9]?.sid ?? "").then(
          () => true,
          () => false,
        ),
      "the session is not ended",
    );
    await until(() => aborted(all).length === 1, "the end is not found");
    expect(aborted(all)).toEqual([all[9]?.sid]);
  });
});

test("a Redis that was away, or has forgotten what has ended, tells of the next end", {
  timeout: PATIENCE,
}, async () => {
  const prefix = `test-${count++}`;
  const [here, there] = [node(redisStore(redis.url, { prefix })), node(redisStore(redis.url, { prefix }))];
  const all = await watched(here, 4);
  await there.end(all[0]?.sid ?? "");
  await until(() => aborted(all).length === 1, "the end is not heard of");
  // As after a failover to a replica whose clock is behind.
  await redis.admin.del(`${prefix}:ends:{curfew}`);
  await redis.admin.xadd(`${prefix}:ends:{curfew}`, "1-1", "sid", "unknown");
  await there.end(all[1]?.sid ?? "");
  await until(() => aborted(all).length === 2, "the end is not heard of");
  redis.freeze();
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  expect(aborted(all)).toHaveLength(2);
  redis.thaw();
  await until(
    async () =>
      there.end(all[2]?.sid ?? "").then(
        () => true,
        () => false,
      ),
    "the session is not ended",
  );
  await until(() => aborted(all).length === 3, "the end is not heard of");
});
