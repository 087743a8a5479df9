/** What the PostgreSQL store keeps where: the names of its tables, and the migration that makes them. */
import * as v from "valibot";
import { readConfiguration } from "../../policy/configuration.js";

/**
 * The version of the tables. Neighbouring versions go together, so that two releases can share a database during a
 * rollout: a new version only adds what the release before can go on without.
 */
export const TABLES_VERSION = 1;

export interface PostgresTables {
  /** As they are written in a statement, with their schema. */
  readonly sessions: string;
  readonly subjects: string;
  readonly ends: string;
  readonly meta: string;
  /** What `LISTEN` is told. */
  readonly channel: string;
  readonly schema: string;
  /** For messages: `public.curfew_…`. */
  readonly named: string;
}

export interface PostgresTablesOptions {
  /** The schema of the tables. Default `public`. */
  readonly schema?: string;
  /** What the tables' names begin with. Default `curfew`. */
  readonly prefix?: string;
}

const name = v.pipe(
  v.string("must be a text"),
  v.regex(/^[a-z_][a-z0-9_]{0,29}$/, "must be 1 to 30 small letters, digits or _, and begin with no digit"),
);

/** The options that name the tables. */
export const tablesEntries = {
  schema: v.optional(name, "public"),
  prefix: v.optional(name, "curfew"),
};

const schema = v.strictObject(tablesEntries, "must be an object");

/** The names in SQL. They are quoted, for they may be words of SQL; what they may hold needs no escape. */
export function postgresTables({ schema, prefix }: Required<PostgresTablesOptions>): PostgresTables {
  const table = (kind: string) => `"${schema}"."${prefix}_${kind}"`;
  return {
    sessions: table("sessions"),
    subjects: table("subjects"),
    ends: table("ends"),
    meta: table("meta"),
    channel: `${schema}.${prefix}`,
    schema,
    named: `${schema}.${prefix}_…`,
  };
}

/**
 * The migration as SQL: what `curfew store sql` prints, and what the store runs where it may. It can be run again, and
 * by several processes at once.
 * @throws ConfigurationError for a name that cannot be one
 */
export function postgresMigration(options: PostgresTablesOptions = {}): string {
  const names = readConfiguration(schema, options, "the names of the tables");
  return migrationOf(postgresTables(names), names.prefix);
}

function migrationOf({ sessions, subjects, ends, meta, schema }: PostgresTables, prefix: string): string {
  const index = (kind: string) => `"${prefix}_sessions_${kind}"`;
  const makeSchema = `
DO $$ BEGIN
  IF to_regnamespace('"${schema}"') IS NULL THEN CREATE SCHEMA "${schema}"; END IF;
END $$;`;
  return `-- The tables of Curfew's PostgreSQL store, version ${TABLES_VERSION}. It can be run again.
BEGIN;
SET LOCAL client_min_messages = warning;
SET LOCAL statement_timeout = 0;
SET LOCAL lock_timeout = '10s';
-- One process after the other.
SELECT pg_advisory_xact_lock(hashtext('curfew'), hashtext('${schema}.${prefix}'));
${schema === "public" ? "" : makeSchema}
-- A heartbeat changes no column that an index knows, and finds room in its own page.
CREATE TABLE IF NOT EXISTS ${sessions} (
  sid text COLLATE "C" PRIMARY KEY,
  secret_hash text COLLATE "C" NOT NULL UNIQUE,
  app text COLLATE "C" NOT NULL,
  subject_key text COLLATE "C" NOT NULL,
  revision bigint NOT NULL,
  is_live boolean NOT NULL,
  -- When the sweeper is due, and when it looks: never later. Milliseconds since the epoch.
  due_at bigint,
  look_at bigint,
  purge_at bigint NOT NULL,
  written_at bigint NOT NULL,
  record text NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX IF NOT EXISTS ${index("live")} ON ${sessions} (subject_key, sid) WHERE is_live;
CREATE INDEX IF NOT EXISTS ${index("look")} ON ${sessions} (app, look_at) WHERE look_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS ${index("purge")} ON ${sessions} (purge_at);
CREATE TABLE IF NOT EXISTS ${subjects} (
  subject_key text COLLATE "C" PRIMARY KEY,
  revision bigint NOT NULL,
  purge_at bigint NOT NULL,
  record text NOT NULL
);
CREATE INDEX IF NOT EXISTS "${prefix}_subjects_purge" ON ${subjects} (purge_at);
-- The ends of late, each with the transaction that wrote it: what a snapshot does not see yet is news.
CREATE TABLE IF NOT EXISTS ${ends} (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  xact xid8 NOT NULL DEFAULT pg_current_xact_id(),
  app text COLLATE "C" NOT NULL,
  sid text COLLATE "C" NOT NULL
);
CREATE INDEX IF NOT EXISTS "${prefix}_ends_xact" ON ${ends} (xact);
CREATE TABLE IF NOT EXISTS ${meta} (name text PRIMARY KEY, value text NOT NULL);
INSERT INTO ${meta} (name, value) VALUES ('version', '${TABLES_VERSION}') ON CONFLICT (name) DO NOTHING;
COMMIT;
`;
}
