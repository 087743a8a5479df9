/** `curfew store sql`: prints the migration of the PostgreSQL store, for whoever owns the database. */
import { type PostgresTablesOptions, postgresMigration } from "../../server/stores/postgres/tables.js";
import type { CommandProcess } from "../process/process.js";

/**
 * @returns the exit code
 * @throws ConfigurationError for a name that cannot be one
 */
export function storeSqlCommand(shell: CommandProcess, options: PostgresTablesOptions): number {
  shell.print(postgresMigration(options));
  return 0;
}
