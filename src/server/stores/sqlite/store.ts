/** The embedded store: one SQLite file that survives a restart and a `kill -9`. */
import { type Clock, type StepListener, steadyClock, systemClock } from "../../platform/clock.js";
import { StoreUnavailableError } from "../../platform/errors.js";
import { randomText } from "../../platform/secrets.js";
import { keepingOf, RECORD_VERSION, type SessionRecord } from "../../record/session.js";
import { SUBJECT_VERSION, type SubjectRecord } from "../../record/subject.js";
import type { Found, ReplaceOutcome, SessionStore } from "../store.js";
import { openDatabase, type SqlDatabase, type SqlValue } from "./driver.js";

export interface SqliteStoreOptions {
  /** Default: the machine's clocks. */
  readonly clock?: Clock;
  /**
   * `full` (default): an acknowledged change survives a power cut. `relaxed`: it survives the end of the process, and
   * the last moments before a power cut may be lost, ends included.
   */
  readonly durability?: "full" | "relaxed";
}

/** How long a write waits for another process: below the 250 ms within which an answer is due. */
const BUSY_TIMEOUT = 150;

/** How many records are read at a time where all are. */
const BATCH = 500;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS curfew_sessions (
    sid TEXT PRIMARY KEY, secret_hash TEXT NOT NULL UNIQUE, app TEXT NOT NULL, subject TEXT NOT NULL,
    revision INTEGER NOT NULL, expires_at INTEGER NOT NULL, ended_at INTEGER, purge_at INTEGER NOT NULL,
    record TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS curfew_sessions_subject ON curfew_sessions (app, subject);
  CREATE INDEX IF NOT EXISTS curfew_sessions_due ON curfew_sessions (app, expires_at) WHERE ended_at IS NULL;
  CREATE INDEX IF NOT EXISTS curfew_sessions_purge ON curfew_sessions (purge_at);
  CREATE TABLE IF NOT EXISTS curfew_subjects (
    app TEXT NOT NULL, subject TEXT NOT NULL, revision INTEGER NOT NULL, purge_at INTEGER NOT NULL,
    record TEXT NOT NULL, PRIMARY KEY (app, subject)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS curfew_meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
`;

/**
 * Opens, or makes, the store in the file at `path`.
 * @throws ConfigurationError where SQLite is missing or the file cannot be opened
 */
export function sqliteStore(path: string, options: SqliteStoreOptions = {}): SessionStore {
  const { clock = systemClock, durability = "full" } = options;
  const { database } = openDatabase(path);
  database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT}`);
  database.exec("PRAGMA journal_mode = WAL");
  database.exec(`PRAGMA synchronous = ${durability === "full" ? "FULL" : "NORMAL"}`);
  database.exec(SCHEMA);
  return storeOver(database, clock);
}

function storeOver(database: SqlDatabase, clock: Clock): SessionStore {
  const sql = statementsOf(database);
  const secret = textAt(sql.makeSecret.get(randomText(32)), "value");
  let onStep: StepListener = () => {};
  const now = steadyClock(
    clock,
    (step, at) => onStep(step, at),
    Number(textAt(sql.readTime.get(), "value") || 0),
  );
  const ask = async <T>(work: () => T): Promise<T> => {
    try {
      return work();
    } catch (error) {
      throw new StoreUnavailableError("the SQLite store cannot be used", { cause: error });
    }
  };
  /** Writes, keeping the highest time beside the record so that it survives a restart. */
  const write = <T>(work: (at: number) => T): Promise<T> =>
    ask(() => {
      database.exec("BEGIN IMMEDIATE");
      try {
        const at = now();
        const result = work(at);
        sql.keepTime.run(String(at));
        database.exec("COMMIT");
        return result;
      } catch (error) {
        rollBack(database);
        throw error;
      }
    });
  const found = (row: unknown): Found | null => {
    const record = recordIn(row);
    return record === null ? null : { record, now: now() };
  };

  return {
    name: "sqlite",
    now: () => ask(now),
    secret: async () => secret,
    insert: (record) =>
      write(() => {
        if (sql.taken.get(record.sid, record.secretHash) !== undefined) return "exists";
        sql.insert.run(...columnsOf(record));
        return "done";
      }),
    find: (sid) => ask(() => found(sql.bySid.get(sid))),
    findBySecret: (secretHash) => ask(() => found(sql.bySecret.get(secretHash))),
    listBySubject: (app, subject) => ask(() => recordsIn(sql.bySubject.all(app, subject))),
    replace: (record, expected) =>
      write((at) => {
        const stored = recordIn(sql.bySid.get(record.sid));
        const outcome = compare(
          stored,
          expected.revision,
          at < (expected.before ?? Number.POSITIVE_INFINITY),
        );
        if (outcome === "done") sql.update.run(...columnsOf({ ...record, revision: expected.revision + 1 }));
        return { outcome, now: at };
      }),
    findSubject: (app, subject) =>
      ask(() => ({ record: subjectIn(sql.subject.get(app, subject)), now: now() })),
    replaceSubject: (record, revision) =>
      write(() => {
        const { app, subject, purgeAt } = record;
        if ((subjectIn(sql.subject.get(app, subject))?.revision ?? 0) !== revision) return "changed";
        const next = revision + 1;
        sql.keepSubject.run(app, subject, next, purgeAt, JSON.stringify({ ...record, revision: next }));
        return "done";
      }),
    due: (app, limit) =>
      ask(() => {
        const at = now();
        return recordsIn(sql.due.all(app, at, limit)).map((record) => ({ record, now: at }));
      }),
    async *all(app) {
      let after = "";
      for (;;) {
        const batch = await ask(() => recordsIn(sql.all.all(app, after, BATCH)));
        yield* batch;
        const last = batch.at(-1);
        if (last === undefined) return;
        after = last.sid;
      }
    },
    purge: () =>
      write((at) => {
        sql.purge.run(at);
        sql.purgeSubjects.run(at);
      }),
    onClockStep(listener) {
      onStep = listener;
    },
    close: () => ask(() => void database.close()),
  };
}

/** On a full disk SQLite has rolled back already and says so; what must be heard is the first error. */
function rollBack(database: SqlDatabase): void {
  try {
    database.exec("ROLLBACK");
  } catch {
    // There is nothing left to roll back.
  }
}

function compare(stored: SessionRecord | null, revision: number, inTime: boolean): ReplaceOutcome {
  if (stored === null) return "missing";
  if (stored.revision !== revision) return "changed";
  return inTime ? "done" : "late";
}

function statementsOf(database: SqlDatabase) {
  const columns = "secret_hash, app, subject, revision, expires_at, ended_at, purge_at, record, sid";
  return {
    insert: database.prepare(`INSERT INTO curfew_sessions (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`),
    update: database.prepare(
      `UPDATE curfew_sessions SET secret_hash = ?, app = ?, subject = ?, revision = ?, expires_at = ?, ended_at = ?,
       purge_at = ?, record = ? WHERE sid = ?`,
    ),
    bySid: database.prepare("SELECT record FROM curfew_sessions WHERE sid = ?"),
    taken: database.prepare("SELECT 1 AS taken FROM curfew_sessions WHERE sid = ? OR secret_hash = ?"),
    subject: database.prepare("SELECT record FROM curfew_subjects WHERE app = ? AND subject = ?"),
    keepSubject: database.prepare(
      `INSERT INTO curfew_subjects (app, subject, revision, purge_at, record) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (app, subject) DO UPDATE SET revision = excluded.revision, purge_at = excluded.purge_at,
       record = excluded.record`,
    ),
    all: database.prepare(
      "SELECT record FROM curfew_sessions WHERE app = ? AND sid > ? ORDER BY sid LIMIT ?",
    ),
    purgeSubjects: database.prepare("DELETE FROM curfew_subjects WHERE purge_at <= ?"),
    bySecret: database.prepare("SELECT record FROM curfew_sessions WHERE secret_hash = ?"),
    bySubject: database.prepare("SELECT record FROM curfew_sessions WHERE app = ? AND subject = ?"),
    due: database.prepare(
      "SELECT record FROM curfew_sessions WHERE app = ? AND ended_at IS NULL AND expires_at <= ? ORDER BY expires_at LIMIT ?",
    ),
    purge: database.prepare("DELETE FROM curfew_sessions WHERE purge_at <= ?"),
    makeSecret: database.prepare(
      `INSERT INTO curfew_meta (name, value) VALUES ('secret', ?) ON CONFLICT (name) DO UPDATE SET value = value RETURNING value`,
    ),
    readTime: database.prepare("SELECT value FROM curfew_meta WHERE name = 'time'"),
    keepTime: database.prepare(
      "INSERT INTO curfew_meta (name, value) VALUES ('time', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    ),
  };
}

function subjectIn(row: unknown): SubjectRecord | null {
  const text = textAt(row, "record");
  if (text === "") return null;
  const record = JSON.parse(text) as SubjectRecord;
  if (record.v !== SUBJECT_VERSION)
    throw new Error(`a subject record of version ${record.v} cannot be read by this release`);
  return record;
}

/** In the order of the statements: everything, then the sid. */
function columnsOf(record: SessionRecord): readonly SqlValue[] {
  const { dueAt, purgeAt } = keepingOf(record);
  return [
    record.secretHash,
    record.app,
    record.subject,
    record.revision,
    // The columns' names are older than the notices: what is due is "not ended" and has a time, whatever the record says.
    dueAt ?? 0,
    dueAt === null ? (record.ended?.endedAt ?? 0) : null,
    purgeAt,
    JSON.stringify(record),
    record.sid,
  ];
}

function recordsIn(rows: unknown): readonly SessionRecord[] {
  return Array.isArray(rows) ? rows.map(recordIn).filter((record) => record !== null) : [];
}

function recordIn(row: unknown): SessionRecord | null {
  const text = textAt(row, "record");
  if (text === "") return null;
  const record = JSON.parse(text) as SessionRecord;
  if (record.v !== RECORD_VERSION)
    throw new Error(`a session record of version ${record.v} cannot be read by this release`);
  return record;
}

function textAt(row: unknown, column: string): string {
  if (typeof row !== "object" || row === null) return "";
  const value: unknown = Reflect.get(row, column);
  return typeof value === "string" ? value : "";
}
