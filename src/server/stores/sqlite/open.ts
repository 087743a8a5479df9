/** Opens the file of the SQLite store: for its owner alone, in WAL mode, with the tables that this release needs. */
import { closeSync } from "node:fs";
import { passMilliseconds, systemClock } from "../../platform/clock.js";
import { ConfigurationError, messageOf } from "../../platform/errors.js";
import { narrowingOf, openForOwner, realPathOf } from "../../platform/files.js";
import { openDatabase, type SqlDatabase } from "./driver.js";
import { HAS_NO_END, numberAt } from "./statements.js";

/** How long a write waits for another process: below the 250 ms within which an answer is due. */
const BUSY_TIMEOUT = 150;
/** How long opening waits for other processes that open the same file, or that take it over from another release. */
const OPEN_TIMEOUT = 5_000;
/** The pause before opening goes on where SQLite itself does not wait. */
const RETRY_INTERVAL = 20;

/**
 * What leads from each version of the tables to the next; the file says in `PRAGMA user_version` how many are done.
 * A step only adds what the release before can go on without, so that the two can share a file during a rollout. Files
 * of releases up to 0.3.0 say 0 and have the tables of the first step already.
 */
const STEPS: readonly string[] = [
  `
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
  `,
  `
  CREATE INDEX IF NOT EXISTS curfew_sessions_live ON curfew_sessions (app, subject, sid) WHERE ${HAS_NO_END};
  CREATE TABLE IF NOT EXISTS curfew_ends (seq INTEGER PRIMARY KEY AUTOINCREMENT, app TEXT NOT NULL, sid TEXT NOT NULL);
  `,
];

/**
 * @param use what is done first with the open database
 * @throws ConfigurationError where the file cannot be opened or used, or its tables are of a later release
 */
export function openStore<T>(path: string, use: (database: SqlDatabase) => T): T {
  makeForOwner(path);
  const { database } = openDatabase(path);
  try {
    database.exec(`PRAGMA busy_timeout = ${OPEN_TIMEOUT}`);
    // What is broken in the file may be seen only by whoever reads on.
    const used = whileBusy(() => {
      database.exec("PRAGMA journal_mode = WAL");
      migrate(database, path);
      return use(database);
    });
    database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT}`);
    return used;
  } catch (error) {
    closeQuietly(database);
    if (error instanceof ConfigurationError) throw error;
    throw new ConfigurationError(
      `sqliteStore cannot use ${JSON.stringify(path)}: ${messageOf(error)}; give the path of an SQLite file that this process may write and no other program has locked`,
      { cause: error },
    );
  }
}

/**
 * Tries again while another process has the file. SQLite waits by itself for most locks, and answers at once where
 * waiting could never help it: a switch to WAL or a recovery that others begin in the same moment
 * (https://sqlite.org/c3ref/busy_handler.html).
 */
function whileBusy<T>(work: () => T): T {
  const until = systemClock.monotonic() + OPEN_TIMEOUT;
  for (;;)
    try {
      return work();
    } catch (error) {
      if (!isBusy(error) || systemClock.monotonic() >= until) throw error;
      passMilliseconds(RETRY_INTERVAL);
    }
}

/** The drivers name the same error by different codes; its text is SQLite's own. */
function isBusy(error: unknown): boolean {
  return /\b(?:database|table) is locked\b/.test(messageOf(error));
}

/** On a full disk SQLite has rolled back already and says so; what must be heard is the first error. */
export function rollBack(database: SqlDatabase): void {
  try {
    database.exec("ROLLBACK");
  } catch {
    // There is nothing left to roll back.
  }
}

/** The first error is the one that must be heard. */
function closeQuietly(database: SqlDatabase): void {
  try {
    database.close();
  } catch {
    // It was never open.
  }
}

/** In one transaction, so that of several processes that open the file at once one makes each step. */
function migrate(database: SqlDatabase, path: string): void {
  if (versionOf(database) === STEPS.length) return;
  database.exec("BEGIN IMMEDIATE");
  try {
    const version = versionOf(database);
    // Neighbouring versions go together, as the records' do.
    if (version > STEPS.length + 1)
      throw new ConfigurationError(
        `sqliteStore cannot use ${JSON.stringify(path)}: its tables are of version ${version}, and this release of Curfew uses versions up to ${STEPS.length + 1}; run the release that changed the file, or give another file`,
      );
    for (const step of STEPS.slice(version)) database.exec(step);
    if (version < STEPS.length) database.exec(`PRAGMA user_version = ${STEPS.length}`);
    database.exec("COMMIT");
  } catch (error) {
    rollBack(database);
    throw error;
  }
}

function versionOf(database: SqlDatabase): number {
  return numberAt(database.prepare("PRAGMA user_version").get(), "user_version") ?? 0;
}

/** SQLite makes a file as wide as the process's umask lets it, and the files beside it as wide as the file itself. */
function makeForOwner(path: string): void {
  const { file, isMade } = fileOf(path);
  if (file === null || !isMade) return;
  try {
    closeSync(openForOwner(file));
  } catch (error) {
    throw new ConfigurationError(
      `sqliteStore cannot open ${JSON.stringify(path)}: ${messageOf(error)}; give a path in a folder that exists and can be written`,
    );
  }
}

interface DatabaseFile {
  /** Null of a database in memory, and of a temporary one. */
  readonly file: string | null;
  /** Whether SQLite makes it where it is not there. */
  readonly isMade: boolean;
}

/** The file that SQLite opens for a path, or for a URI (https://sqlite.org/uri.html). */
function fileOf(path: string): DatabaseFile {
  if (!path.startsWith("file:")) return { file: isInMemory(path) ? null : path, isMade: true };
  const [address = ""] = path.slice("file:".length).split("#", 1);
  const [name = "", ...parameters] = address.split("?");
  const mode = new URLSearchParams(parameters.join("?")).get("mode");
  const file = unescaped(name.replace(/^\/\/[^/]*/, ""));
  return {
    file: mode === "memory" || isInMemory(file) ? null : file,
    isMade: mode === null || mode === "rwc",
  };
}

const isInMemory = (name: string) => name === "" || name === ":memory:";

function unescaped(name: string): string {
  return name.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) =>
    Buffer.from(escapes.replaceAll("%", ""), "hex").toString("utf8"),
  );
}

/** That other users of the machine can read or write the store, and the cure; null where they cannot. */
export function openToOthers(path: string): Error | null {
  const { file } = fileOf(path);
  if (file === null) return null;
  // SQLite puts the files beside the one that a link leads to.
  const real = realPathOf(file);
  const cure = narrowingOf([real, `${real}-wal`, `${real}-shm`]);
  if (cure === null) return null;
  return new Error(
    `the SQLite file is open to other users of this machine, and holds every session and the key that seals ids; run: ${cure}`,
  );
}
