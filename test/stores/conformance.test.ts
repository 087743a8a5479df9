import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Cluster, Redis } from "ioredis";
import { afterAll, beforeAll, describe, test } from "vitest";
import { memoryStore } from "../../src/server/stores/memory.js";
import { postgresStore } from "../../src/server/stores/postgres/store.js";
import { REDIS_CONNECTION, redisStore } from "../../src/server/stores/redis/store.js";
import { sqliteStore } from "../../src/server/stores/sqlite/store.js";
import { type StoreConformanceOptions, storeConformance } from "../../src/testing/store-conformance.js";
import { createTestClock } from "../server/support/test-clock.js";
import { paced } from "../timing.js";
import {
  type Bouncer,
  type PostgresServer,
  startPgBouncer,
  startPostgres,
} from "./support/postgres-server.js";
import {
  type RedisCluster,
  type RedisServer,
  startRedis,
  startRedisCluster,
} from "./support/redis-server.js";

const PATIENCE = paced(120_000);

/**
 * A call to a store is given up after 250 ms. A run that a busy machine holds up for so long says nothing of the rules, and
 * is taken again.
 */
function conforms(
  open: StoreConformanceOptions["open"],
  options: Partial<StoreConformanceOptions> = {},
): void {
  for (const { name, run } of storeConformance({ ...options, open }))
    test(name, { timeout: PATIENCE, retry: 3 }, () => run());
}

describe("the memory store", () => {
  conforms(() => {
    const clock = createTestClock();
    return { store: memoryStore({ clock }), advance: clock.advance, step: clock.step };
  });
});

describe("the SQLite store", () => {
  conforms(() => {
    const clock = createTestClock();
    const folder = mkdtempSync(join(tmpdir(), "curfew-"));
    const open = () => sqliteStore(join(folder, "sessions.db"), { clock, durability: "relaxed" });
    return {
      store: open(),
      peer: open(),
      advance: clock.advance,
      step: clock.step,
      close: () => rmSync(folder, { recursive: true }),
    };
  });
});

describe("the Redis store", () => {
  let server: RedisServer;
  let opened = 0;
  beforeAll(async () => {
    server = await startRedis();
  }, PATIENCE);
  afterAll(() => server.stop());

  describe("by address", () => {
    conforms(() => {
      const clock = createTestClock();
      const prefix = `test-${opened++}`;
      const open = () => redisStore(server.url, { clock, prefix });
      return { store: open(), peer: open(), advance: clock.advance, step: clock.step };
    });
  });

  describe("by a client's send", () => {
    conforms(() => {
      const clock = createTestClock();
      const client = new Redis(server.url);
      const send = ([command = "", ...args]: readonly string[]) => client.call(command, ...args);
      const store = redisStore({ send }, { clock, prefix: `test-${opened++}` });
      return { store, advance: clock.advance, step: clock.step, close: () => client.disconnect() };
    });
  });
});

describe("the Redis store on a cluster of three", () => {
  let cluster: RedisCluster;
  let opened = 0;
  beforeAll(async () => {
    cluster = await startRedisCluster(3);
  }, PATIENCE);
  afterAll(() => cluster.stop());

  conforms(async () => {
    const clock = createTestClock();
    const connect = () =>
      new Cluster(
        cluster.servers.map(({ port }) => ({ host: "127.0.0.1", port })),
        { redisOptions: REDIS_CONNECTION },
      );
    const clients = [connect(), connect()] as const;
    const prefix = `test-${opened++}`;
    const [store, peer] = clients.map((client) => redisStore(client, { clock, prefix }));
    if (store === undefined || peer === undefined) throw new Error("there are two");
    const close = () => {
      for (const client of clients) client.disconnect();
    };
    return { store, peer, advance: clock.advance, step: clock.step, close };
  });
});

describe("the PostgreSQL store", () => {
  let server: PostgresServer;
  let bouncer: Bouncer;
  let opened = 0;
  beforeAll(async () => {
    server = await startPostgres();
    bouncer = await startPgBouncer(server);
  }, PATIENCE);
  afterAll(async () => {
    await bouncer.stop();
    await server.stop();
  });

  // A race takes a dozen transactions.
  describe.each([
    ["by address", () => server.url, 2_000],
    ["behind PgBouncer in transaction mode", () => bouncer.url, 200],
  ] as const)("%s", (_way, url, interleavings) => {
    conforms(
      () => {
        const clock = createTestClock();
        const prefix = `test_${opened++}`;
        const open = () => postgresStore(url(), { clock, prefix });
        return { store: open(), peer: open(), advance: clock.advance, step: clock.step };
      },
      { interleavings },
    );
  });
});
