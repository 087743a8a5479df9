/** The seam to SQLite: `node:sqlite` where the running Node has it, else the optional peer `libsql`. */
import { ConfigurationError, messageOf } from "../../platform/errors.js";
import { requireOptional } from "../../platform/optional.js";

export type SqlValue = string | number | null;

export interface SqlStatement {
  get(...values: readonly SqlValue[]): unknown;
  all(...values: readonly SqlValue[]): unknown;
  run(...values: readonly SqlValue[]): unknown;
}

/** The four methods that both drivers share. */
export interface SqlDatabase {
  exec(sql: string): unknown;
  prepare(sql: string): SqlStatement;
  close(): unknown;
}

type DatabaseConstructor = new (path: string) => SqlDatabase;

/**
 * Opens a database file.
 * @throws ConfigurationError where the running Node has no SQLite and `libsql` is not installed, or the file cannot be opened
 */
export function openDatabase(path: string): { readonly database: SqlDatabase; readonly driver: string } {
  const { constructor: Database, driver } = loadDriver();
  try {
    return { database: new Database(path), driver };
  } catch (error) {
    throw new ConfigurationError(
      `sqliteStore cannot open ${JSON.stringify(path)}: ${messageOf(error)}; give a path in a folder that exists and can be written`,
    );
  }
}

function loadDriver(): { readonly constructor: DatabaseConstructor; readonly driver: string } {
  try {
    return {
      constructor: (requireOptional("node:sqlite") as { DatabaseSync: DatabaseConstructor }).DatabaseSync,
      driver: "node:sqlite",
    };
  } catch {
    // This Node has no SQLite of its own.
  }
  try {
    return { constructor: requireOptional("libsql") as DatabaseConstructor, driver: "libsql" };
  } catch {
    throw new ConfigurationError(
      "sqliteStore needs SQLite: run on Node 22.13 or later, or install the package libsql (npm install libsql)",
    );
  }
}
