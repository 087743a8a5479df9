/** Refuses a PostgreSQL that could lose sessions silently, and sees to its tables, before the first session is kept there. */
import { ConfigurationError, codeOf, messageOf, StoreUnavailableError } from "../../platform/errors.js";
import type { WarningListener } from "../store.js";
import { lacksTables, type PostgresCaller } from "./caller.js";
import { type PostgresStatements, SERVER } from "./statements.js";
import { type PostgresTables, TABLES_VERSION } from "./tables.js";

const OLDEST = 13;

/** @throws ConfigurationError where it is too old, a standby, read only, or cannot keep every text */
export async function checkServer({ ask }: PostgresCaller, onWarning: WarningListener): Promise<void> {
  const [row = []] = await ask(SERVER);
  const [number, version, isStandby, readOnly, encoding, fsync, commit] = row;
  if (Number(number) < OLDEST * 10_000)
    throw new ConfigurationError(`postgresStore needs PostgreSQL ${OLDEST} or later; this one is ${version}`);
  if (isStandby !== "f")
    throw new ConfigurationError(
      "postgresStore was led to a standby of PostgreSQL, which takes no writes and may be behind; give it the primary's address, or a name that follows the primary",
    );
  if (readOnly !== "off")
    throw new ConfigurationError(
      "postgresStore may only read here (default_transaction_read_only is on for this server, database or user), and so could keep no end; ALTER ROLE … SET default_transaction_read_only = off, or give it another address",
    );
  if (encoding !== "UTF8")
    throw new ConfigurationError(
      `postgresStore needs a database whose encoding is UTF8, and this one has ${encoding}: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0`,
    );
  for (const [name, value] of [
    ["fsync", fsync],
    ["synchronous_commit", commit],
  ])
    if (value === "off")
      onWarning(
        new Error(
          `PostgreSQL has ${name} = off, so a crash of its machine may lose the last moments, acknowledged ends included; set it to on`,
        ),
      );
}

interface TablesCheck {
  readonly tables: PostgresTables;
  readonly sql: PostgresStatements;
  /** What makes the tables; null: they must be there. */
  readonly migration: string | null;
}

/** @throws ConfigurationError where the tables are not there and cannot be made, or a release far ahead has changed them */
export async function checkTables(caller: PostgresCaller, check: TablesCheck): Promise<void> {
  const { tables, migration } = check;
  let version = await versionOf(caller, check);
  if (version < TABLES_VERSION) {
    if (migration === null) throw missing(tables, "options.migrate is false");
    await caller.ask(migration).catch((error: unknown) => {
      if (codeOf(error) !== "42501") throw error;
      throw missing(tables, messageOf(error));
    });
    version = await versionOf(caller, check);
  }
  // Neighbouring versions go together, as the records' do.
  if (version > TABLES_VERSION + 1)
    throw new ConfigurationError(
      `the tables ${tables.named} in PostgreSQL are of version ${version}, and this release of Curfew uses versions up to ${TABLES_VERSION + 1}; run the release that changed them, or give postgresStore another prefix`,
    );
}

/** 0 where there are none. */
async function versionOf({ run }: PostgresCaller, { sql, tables }: TablesCheck): Promise<number> {
  try {
    return Number((await run(sql.version)).rows[0]?.columns[0]);
  } catch (error) {
    const reason = error instanceof StoreUnavailableError ? error.cause : error;
    if (lacksTables(reason)) return 0;
    if (codeOf(reason) !== "42501") throw error;
    throw new ConfigurationError(
      `postgresStore may not read its tables ${tables.named} in PostgreSQL (${messageOf(error)}); GRANT USAGE on the schema, and SELECT, INSERT, UPDATE and DELETE on the tables, to its user`,
    );
  }
}

function missing({ named, schema }: PostgresTables, reason: string): ConfigurationError {
  return new ConfigurationError(
    `the tables ${named} are not in PostgreSQL, or of a release before, and postgresStore may not make them (${reason}); let their owner run what \`curfew store sql\` prints, or GRANT CREATE ON SCHEMA ${schema} to its user`,
  );
}
