/** The options of the PostgreSQL store that a file can say as well as code. */
import * as v from "valibot";
import { type PostgresTablesOptions, tablesEntries } from "./tables.js";

export interface PostgresOptions extends PostgresTablesOptions {
  /**
   * Whether it makes its tables at start where they are not there, as it may. Default true; with false they must be
   * there: `curfew store sql` prints what makes them.
   */
  readonly migrate?: boolean;
  /** How many connections it opens at most, where it is given an address. Default 10; one more listens. */
  readonly connections?: number;
  /**
   * The address to listen on for ends of other nodes (`LISTEN`), where the store's own leads through PgBouncer in
   * transaction mode. Default: the store's own. False: nodes ask for them twice a second.
   */
  readonly news?: string | false;
}

/** One schema for each option. */
export const postgresEntries = {
  ...tablesEntries,
  migrate: v.optional(v.boolean("must be true or false"), true),
  connections: v.optional(
    v.pipe(
      v.number("must be a number"),
      v.integer("must be a whole number"),
      v.minValue(1, "must be 1 or more"),
    ),
    10,
  ),
  news: v.exactOptional(v.union([v.string(), v.literal(false)], "must be an address, or false")),
};
