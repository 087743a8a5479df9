/** Where the straight line keeps its sessions: the least that a store does of one read and one compare-and-set, by the drivers of Curfew's stores. */
import { hash } from "node:crypto";
import { openSync, writeSync } from "node:fs";
import { Redis } from "ioredis";
import { openDatabase } from "../../src/server/stores/sqlite/driver.js";
import { gatherWrites } from "../../src/server/stores/sqlite/gathered.js";
import { deadlinesOf } from "../../src/session/deadlines.js";
import type { Setting } from "./apps.js";

/** A session as plain data. */
export interface Kept {
  readonly revision: number;
  readonly sid: string;
  /** The public key's JWK as text. */
  readonly jwk: string | null;
  readonly nonce: string;
  readonly lastHeartbeat: string | null;
  readonly authenticatedAt: number;
  readonly lastActiveAt: number;
  readonly lastInputAt: number;
  readonly idleTimeout: number;
  readonly absoluteTimeout: number;
}

export interface Keeper {
  read(secretHash: string): Kept | undefined | Promise<Kept | undefined>;
  /** By compare-and-set on the revision before; revision 0 is a new session. */
  write(secretHash: string, next: Kept): void | Promise<void>;
}

/** @throws Error where somebody else has changed what was read */
function check(isChanged: boolean): void {
  if (!isChanged) throw new Error("the session has changed meanwhile");
}

function inMemory() {
  const sessions = new Map<string, Kept>();
  return {
    read: (secretHash: string) => sessions.get(secretHash),
    write(secretHash: string, next: Kept): void {
      check((sessions.get(secretHash)?.revision ?? -1) === next.revision - 1);
      sessions.set(secretHash, next);
    },
  };
}

/** A line for each change, written before the answer leaves. */
function withTrail({ folder }: Setting): Keeper {
  const { read, write } = inMemory();
  const file = openSync(`${folder}/straight.jsonl`, "a");
  return {
    read,
    write(secretHash, next) {
      write(secretHash, next);
      const at = new Date().toISOString();
      writeSync(file, `${JSON.stringify({ v: 1, type: "session_renewed", at, secretHash, ...next })}\n`);
    },
  };
}

/** One script a change. */
const CHANGE = `if tonumber(redis.call("HGET", KEYS[1], "revision") or -1) ~= ARGV[1] - 1 then return 0 end
redis.call("HSET", KEYS[1], "revision", ARGV[1], "record", ARGV[2]) redis.call("PEXPIRE", KEYS[1], 86400000) return 1`;

function inRedis({ redis = "" }: Setting): Keeper {
  const client = new Redis(redis);
  const script = hash("sha1", CHANGE);
  const loaded = client.script("LOAD", CHANGE);
  const keyOf = (secretHash: string) => `straight:${secretHash}`;
  return {
    async read(secretHash) {
      const text = await client.hget(keyOf(secretHash), "record");
      return text === null ? undefined : (JSON.parse(text) as Kept);
    },
    async write(secretHash, next) {
      await loaded;
      const values = [next.revision, JSON.stringify(next)];
      check((await client.evalsha(script, 1, keyOf(secretHash), ...values)) === 1);
    },
  };
}

/** A row a change, with the index by which what is due is found; those that wait share a transaction, as Curfew's do. */
function inSqlite({ folder }: Setting): Keeper {
  const { database } = openDatabase(`${folder}/straight.db`);
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
    CREATE TABLE sessions (hash TEXT PRIMARY KEY, revision INTEGER, expires_at INTEGER, record TEXT) WITHOUT ROWID;
    CREATE INDEX due ON sessions (expires_at);`);
  const { write } = gatherWrites(database, () => {});
  const select = database.prepare("SELECT record FROM sessions WHERE hash = ?");
  const insert = database.prepare(
    "INSERT INTO sessions (record, expires_at, revision, hash) VALUES (?, ?, ?, ?)",
  );
  const update = database.prepare(
    "UPDATE sessions SET record = ?, expires_at = ?, revision = ? WHERE hash = ? AND revision = ?",
  );
  return {
    read(secretHash) {
      const row = select.get(secretHash) as { readonly record: string } | undefined;
      return row && (JSON.parse(row.record) as Kept);
    },
    write(secretHash, next) {
      const { revision } = next;
      const values = [JSON.stringify(next), deadlinesOf(next).expiresAt, revision, secretHash];
      return write(() => {
        if (revision === 0) insert.run(...values);
        else check((update.run(...values, revision - 1) as { readonly changes: number }).changes === 1);
      });
    },
  };
}

const KEEPERS: Readonly<Record<string, (setting: Setting) => Keeper>> = {
  memory: inMemory,
  "json lines": withTrail,
  redis: inRedis,
  "sqlite relaxed": inSqlite,
};

/** @throws Error where there is no such keeper */
export function keeperOf(setting: Setting): Keeper {
  const make = KEEPERS[setting.audit ?? setting.store ?? "memory"];
  if (make === undefined) throw new Error(`no such straight line: ${JSON.stringify(setting)}`);
  return make(setting);
}
