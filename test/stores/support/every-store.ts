/** The four stores, each with as many nodes as a test needs, and a way to put very many records into it at once. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe } from "vitest";
import type { SessionRecord } from "../../../src/server/record/session.js";
import { keepingOf } from "../../../src/server/record/session.js";
import { memoryStore } from "../../../src/server/stores/memory.js";
import { postgresStore } from "../../../src/server/stores/postgres/store.js";
import { subjectKey } from "../../../src/server/stores/postgres/subjects.js";
import { redisKeys } from "../../../src/server/stores/redis/keys.js";
import { redisStore } from "../../../src/server/stores/redis/store.js";
import { openDatabase } from "../../../src/server/stores/sqlite/driver.js";
import { columnsOf, statementsOf } from "../../../src/server/stores/sqlite/statements.js";
import { sqliteStore } from "../../../src/server/stores/sqlite/store.js";
import type { SessionStore } from "../../../src/server/stores/store.js";
import type { SessionVerifierOptions } from "../../../src/server/verifier/options.js";
import { recordAt } from "../../../src/testing/store-conformance-records.js";
import { createTestClock, type TestClock } from "../../server/support/test-clock.js";
import { createTestVerifier, MINUTE, type TestVerifier } from "../../server/support/test-verifier.js";
import { type PostgresServer, startPostgres } from "./postgres-server.js";
import { type RedisServer, startRedis } from "./redis-server.js";

export interface EveryStore {
  readonly clock: TestClock;
  /** What another process needs to reach it (`ending-process.ts`); nothing in memory. */
  readonly reach: readonly string[];
  /** Another handle on the same records. */
  open(): SessionStore;
  /** Another node, ready; `wrap` puts something between it and the store. */
  node(
    options?: Partial<SessionVerifierOptions>,
    wrap?: (store: SessionStore) => SessionStore,
  ): Promise<TestVerifier>;
  /** Puts records there as a release up to 0.3.0 has left them: in Redis ended ones are still on their subject's list. */
  seed(records: readonly SessionRecord[]): Promise<void>;
  /** How many sids are on the subject's list in Redis; null elsewhere. */
  listed(subject: string): Promise<number | null>;
}

const APP = "curfew";
const closing: (() => unknown)[] = [];
/** Closed when the test is over. */
export function atEnd(close: () => unknown): void {
  closing.push(close);
}

/** A session of Curfew's own, as the test verifier's policy begins it. */
export function liveRecord(now: number, sid: string, changes: Partial<SessionRecord> = {}): SessionRecord {
  const timeouts = { idleTimeout: 15 * MINUTE, absoluteTimeout: 12 * 60 * MINUTE };
  return recordAt(now, sid, { app: APP, subject: "ann", ...timeouts, ...changes });
}

/**
 * `describe` for each store.
 * @param patience for a whole test, in milliseconds
 * @param define is also told whether what is kept outlives the process
 */
export function describeEveryStore(
  patience: number,
  define: (open: () => EveryStore, outlives: boolean) => void,
): void {
  describeStoresInOrder(patience, define);
  let postgres: PostgresServer;
  let prefixes = 0;
  beforeAll(async () => {
    postgres = await startPostgres();
  }, 60_000);
  afterAll(() => postgres.stop());
  describe("in PostgreSQL", { timeout: patience }, () =>
    define(() => inPostgres(postgres, `test_${prefixes++}`), true),
  );
}

/**
 * The same for the stores that take the calls of several nodes in the order in which they are made. PostgreSQL's come over
 * many connections: of two that are under way at once either may be first there.
 */
export function describeStoresInOrder(
  patience: number,
  define: (open: () => EveryStore, outlives: boolean) => void,
): void {
  let redis: RedisServer;
  let prefixes = 0;
  beforeAll(async () => {
    redis = await startRedis();
  }, 60_000);
  afterAll(() => redis.stop());
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });
  describe("in memory", { timeout: patience }, () => define(inMemory, false));
  describe("in SQLite", { timeout: patience }, () => define(inSqlite, true));
  describe("in Redis", { timeout: patience }, () => define(() => inRedis(redis, `test-${prefixes++}`), true));
}

type Opened = Omit<EveryStore, "node" | "clock"> & { readonly clock: TestClock };

function withNodes(opened: Opened): EveryStore {
  return {
    ...opened,
    async node(options = {}, wrap = (store) => store) {
      const node = createTestVerifier({ store: wrap(opened.open()), ...options });
      atEnd(() => node.sessions.close());
      // A first connection can take longer than a request may wait.
      await node.sessions.ready();
      return { ...node, clock: opened.clock };
    },
  };
}

function inMemory(): EveryStore {
  const clock = createTestClock();
  const store = memoryStore({ clock });
  return withNodes({
    clock,
    reach: [],
    open: () => store,
    async seed(records) {
      for (const record of records) await store.insert(record);
    },
    listed: async () => null,
  });
}

function inSqlite(): EveryStore {
  const clock = createTestClock();
  const folder = mkdtempSync(join(tmpdir(), "curfew-"));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "sessions.db");
  const open = () => sqliteStore(file, { clock, durability: "relaxed" });
  return withNodes({
    clock,
    reach: ["sqlite", file],
    open,
    async seed(records) {
      await open().close();
      const { database } = openDatabase(file);
      const { insert } = statementsOf(database);
      database.exec("BEGIN IMMEDIATE");
      for (const record of records) insert.run(...columnsOf(record));
      database.exec("COMMIT");
      database.close();
    },
    listed: async () => null,
  });
}

/** As `insert` of the store writes them, and the list of 0.3.0, which held ended sessions too. */
const SEED = `
for at = 2, #ARGV, 6 do
  local key = ARGV[1] .. ':{' .. ARGV[at] .. '}'
  redis.call('HSET', key, 'record', ARGV[at + 1], 'revision', '0', 'secret', ARGV[at + 2], 'purge', ARGV[at + 3],
    'due', ARGV[at + 4], 'time', ARGV[at + 5])
  redis.call('SET', ARGV[1] .. ':secret:{' .. ARGV[at + 2] .. '}', ARGV[at])
  redis.call('ZADD', KEYS[1], ARGV[at + 3], ARGV[at])
end`;
const SEED_AT_A_TIME = 1_000;

function inRedis({ url, admin }: RedisServer, prefix: string): EveryStore {
  const clock = createTestClock();
  const keys = redisKeys(prefix);
  return withNodes({
    clock,
    reach: ["redis", url, prefix],
    open: () => redisStore(url, { clock, prefix }),
    async seed(records) {
      for (let first = 0; first < records.length; first += SEED_AT_A_TIME) {
        const some = records.slice(first, first + SEED_AT_A_TIME);
        const args = some.flatMap((record) => {
          const { dueAt, purgeAt } = keepingOf(record);
          const { sid, secretHash, startedAt } = record;
          return [sid, JSON.stringify(record), secretHash, `${purgeAt}`, `${dueAt ?? ""}`, `${startedAt}`];
        });
        const { app, subject } = some[0] ?? { app: "", subject: "" };
        await admin.eval(SEED, 1, keys.subject(app, subject), prefix, ...args);
        const due = some
          .filter(({ ended }) => ended === null)
          .flatMap(({ sid, ...record }) => [String(keepingOf({ sid, ...record }).dueAt), sid]);
        if (due.length > 0) await admin.zadd(keys.due(app), ...due);
      }
    },
    listed: (subject) => admin.zcard(keys.subject(APP, subject)),
  });
}

const SEED_ROWS = `(sid, secret_hash, app, subject_key, revision, is_live, due_at, look_at, purge_at, written_at, record)
  SELECT row->>0, row->>1, row->>2, row->>3, 0, (row->>4)::boolean, (row->>5)::bigint, (row->>5)::bigint,
    (row->>6)::bigint, (row->>7)::bigint, row->>8 FROM json_array_elements($1) AS row`;

function inPostgres({ url, admin }: PostgresServer, prefix: string): EveryStore {
  const clock = createTestClock();
  const open = () => postgresStore(url, { clock, prefix });
  return withNodes({
    clock,
    reach: ["postgres", url, prefix],
    open,
    async seed(records) {
      const store = open();
      await store.check?.();
      await store.close();
      for (let first = 0; first < records.length; first += SEED_AT_A_TIME) {
        const rows = records.slice(first, first + SEED_AT_A_TIME).map((record) => {
          const { sid, secretHash, app, subject, ended, startedAt } = record;
          const { dueAt, purgeAt } = keepingOf(record);
          const key = subjectKey(app, subject);
          return [
            sid,
            secretHash,
            app,
            key,
            ended === null,
            dueAt,
            purgeAt,
            startedAt,
            JSON.stringify(record),
          ];
        });
        await admin.query(`INSERT INTO ${prefix}_sessions ${SEED_ROWS}`, [JSON.stringify(rows)]);
      }
    },
    listed: async () => null,
  });
}
