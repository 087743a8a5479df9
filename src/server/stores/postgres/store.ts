/** The store in PostgreSQL: each change one statement, and so one transaction, by the database's clock. */
import * as v from "valibot";
import { type Clock, type StepListener, systemClock } from "../../platform/clock.js";
import { ConfigurationError, messageOf, StoreUnavailableError } from "../../platform/errors.js";
import { randomText } from "../../platform/secrets.js";
import { readConfiguration } from "../../policy/configuration.js";
import { clockOption } from "../clock-option.js";
import type { SessionStore, WarningListener } from "../store.js";
import { type PostgresAnswer, postgresCaller } from "./caller.js";
import { checkServer, checkTables } from "./check.js";
import { openPostgres, type PostgresTarget } from "./driver.js";
import { postgresEnds } from "./ends.js";
import { postgresNews } from "./news.js";
import { type PostgresOptions, postgresEntries } from "./options.js";
import { postgresSessions } from "./sessions.js";
import { MOST_ROWS, postgresStatements } from "./statements.js";
import { postgresSubjects } from "./subjects.js";
import { postgresMigration, postgresTables } from "./tables.js";

export type { PostgresClient, PostgresPool, PostgresTarget } from "./driver.js";
export type { PostgresOptions } from "./options.js";
export { type PostgresTablesOptions, postgresMigration } from "./tables.js";

export interface PostgresStoreOptions extends PostgresOptions {
  /** For tests only: replaces the clock of PostgreSQL. */
  readonly clock?: Clock;
}

const schema = v.strictObject(
  { ...postgresEntries, clock: clockOption },
  'must be an object, such as { schema: "app" }',
);

/** For so long a call forgets more, where there is very much to forget; the next one goes on. */
const PURGE_PERIOD = 50;

/**
 * Keeps sessions in PostgreSQL 13 or later, also behind PgBouncer in transaction mode. The clock is that of the
 * database, never a node's own.
 * @param target an address (`postgres://`, `postgresql://`; needs the package pg), or a `Pool` of pg, which stays the
 *   app's to close
 * @throws ConfigurationError for an address or option that cannot be used
 */
export function postgresStore(target: PostgresTarget, options: PostgresStoreOptions = {}): SessionStore {
  const settings = readConfiguration(schema, options, "postgresStore's options");
  const { clock, connections, news, migrate, ...names } = settings;
  const tables = postgresTables(names);
  const driver = openPostgres(target, { connections, news: news === false ? undefined : news });
  let onStep: StepListener = () => {};
  let onWarning: WarningListener = () => {};
  const warn: WarningListener = (warning) => onWarning(warning);
  const caller = postgresCaller(driver, { clock, onStep: (step, now) => onStep(step, now) });
  const { run } = caller;
  const sql = postgresStatements(tables);
  const listening = postgresNews({
    listen: driver.listen,
    channel: tables.channel,
    notify: (payload) => run(sql.notify, tables.channel, payload),
    isWanted: news !== false,
    onWarning: warn,
  });

  return {
    name: "postgres",
    async check() {
      await checkServer(caller, warn).catch(unavailable);
      const migration = migrate ? postgresMigration(names) : null;
      await checkTables(caller, { tables, sql, migration }).catch(unavailable);
    },
    now: async () => (await run(sql.now)).now,
    secret: async () => (await run(sql.secret, randomText(32))).rows[0]?.columns[0] ?? "",
    ...postgresSessions(run, sql, { onWarning: warn, onEnd: ({ app }) => listening.tell(app) }),
    ...postgresSubjects(run, sql),
    endedSince: postgresEnds(run, sql, listening),
    async purge() {
      const until = systemClock.monotonic() + PURGE_PERIOD;
      await run(sql.purgeEnds);
      for (const some of [sql.purgeSessions, sql.purgeSubjects])
        while (countOf(await run(some)) === MOST_ROWS && systemClock.monotonic() < until);
    },
    onClockStep(listener) {
      onStep = listener;
    },
    onWarning(listener) {
      onWarning = listener;
    },
    async close() {
      listening.close();
      await driver.close();
    },
  };
}

function countOf({ rows }: PostgresAnswer): number {
  return Number(rows[0]?.columns[0]);
}

/** A server that cannot be asked is not one that is wrong. */
function unavailable(error: unknown): never {
  if (error instanceof ConfigurationError) throw error;
  throw new StoreUnavailableError(
    `PostgreSQL cannot be asked whether it can keep sessions (${messageOf(error)}); see that it runs, and that the address, user and password are right`,
    { cause: error },
  );
}
