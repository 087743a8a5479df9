/**
 * What is said to PostgreSQL. Each call is one statement, and so one transaction: nothing is kept between two of them,
 * neither a setting nor a prepared statement, so that PgBouncer may give each one another connection.
 *
 * Each answers with what the clock read, the time that it went by, and whether nothing can be written here, and has two
 * arguments first: the earliest that the time can be ($1), and in tests what the clock says ($2).
 */
import type { PostgresTables } from "./tables.js";

/** How long a statement may take, or wait for a row that somebody else holds: nobody waits for it any more by then. */
export const STATEMENT_TIMEOUT = 1_000;
/** How many old rows are forgotten, and how many early ones are moved on, at a time. */
export const MOST_ROWS = 1_000;
/** How many ends are kept for `endedSince`. */
const MOST_ENDS = 10_000;

const READING = "COALESCE($2::bigint, floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint)";
/** Whose answer may be behind, or has been set aside by whoever runs it. */
const READ_ONLY = "(pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean)";
const CLOCK = `clock AS MATERIALIZED (
  SELECT reading, GREATEST(reading, $1::bigint) AS now, read_only
  FROM (SELECT ${READING} AS reading, ${READ_ONLY} AS read_only) AS server)`;
const NOW = "(SELECT now FROM clock)";
const TOLD = "clock.reading, clock.now, clock.read_only";
const LIMITED = `set_config('lock_timeout', '${STATEMENT_TIMEOUT}', true)`;

export type PostgresStatements = ReturnType<typeof postgresStatements>;

export function postgresStatements({ sessions, subjects, ends, meta }: PostgresTables) {
  /** One row for each session, or one with nulls: the sid, the record, and the record of the subject. */
  const found = (condition: string, before = "") => `WITH ${CLOCK}${before}
    SELECT clock.reading, GREATEST(clock.now, found.written_at), clock.read_only, found.sid, found.record, found.about
    FROM clock LEFT JOIN (
      SELECT kept.sid, kept.written_at, kept.look_at, kept.record, about.record AS about
      FROM ${sessions} AS kept LEFT JOIN ${subjects} AS about ON about.subject_key = kept.subject_key
      WHERE ${condition}) AS found ON true`;
  /** How many rows it has taken away: as many as it takes at most, or all that there were. */
  const purge = (table: string, key: string) => `WITH ${CLOCK},
    old AS MATERIALIZED (
      SELECT ${key} FROM ${table} WHERE purge_at <= ${NOW} ORDER BY purge_at LIMIT ${MOST_ROWS}
      FOR UPDATE SKIP LOCKED),
    gone AS (DELETE FROM ${table} AS kept USING old WHERE kept.${key} = old.${key} RETURNING 1)
    SELECT ${TOLD}, (SELECT count(*) FROM gone) FROM clock`;
  return {
    now: `WITH ${CLOCK} SELECT ${TOLD} FROM clock`,
    bySid: found("kept.sid = $3"),
    bySecret: found("kept.secret_hash = $3"),
    bySubject: `${found(
      `kept.sid IN (SELECT sid FROM ${sessions}
       WHERE subject_key = $3 AND is_live AND sid > $4 ORDER BY sid LIMIT $5::bigint)`,
    )} ORDER BY found.sid`,
    insert: `WITH ${CLOCK}, added AS (
      INSERT INTO ${sessions} (sid, secret_hash, app, subject_key, is_live, due_at, purge_at, record, revision,
        look_at, written_at)
      SELECT $3::text, $4::text, $5::text, $6::text, $7::boolean, $8::bigint, $9::bigint, $10::text, $11::bigint, $8::bigint, clock.now FROM clock
      ON CONFLICT DO NOTHING RETURNING 1 AS done)
      SELECT ${TOLD}, added.done FROM clock LEFT JOIN added ON true`,
    // The time is read while the row is held, once, so what is written is written at that time.
    replace: `WITH ${CLOCK}, limited AS MATERIALIZED (SELECT ${LIMITED}),
      held AS MATERIALIZED (
        SELECT kept.revision, kept.written_at FROM limited, ${sessions} AS kept WHERE kept.sid = $3
        FOR UPDATE OF kept),
      timed AS MATERIALIZED (
        SELECT revision, reading, GREATEST(reading, $1::bigint, written_at) AS now
        FROM (SELECT revision, written_at, ${READING} AS reading FROM held) AS read),
      updated AS (
        UPDATE ${sessions} AS kept SET secret_hash = $4::text, app = $5::text, subject_key = $6::text, is_live = $7::boolean,
          due_at = $8::bigint, purge_at = $9::bigint, record = $10::text, revision = $11::bigint + 1,
          look_at = CASE WHEN $8::bigint IS NOT NULL THEN LEAST(kept.look_at, $8::bigint) END, written_at = timed.now
        FROM timed WHERE kept.sid = $3 AND timed.revision = $11::bigint
          AND timed.now < COALESCE($12::bigint, ${Number.MAX_SAFE_INTEGER})
        RETURNING 1 AS done),
      told AS (INSERT INTO ${ends} (app, sid) SELECT $5::text, $3::text FROM updated WHERE $13::boolean)
      SELECT COALESCE(timed.reading, clock.reading), COALESCE(timed.now, clock.now), clock.read_only,
        CASE WHEN timed.revision IS NULL THEN 'missing' WHEN timed.revision <> $11::bigint THEN 'changed'
          WHEN updated.done IS NULL THEN 'late' ELSE 'done' END
      FROM clock LEFT JOIN timed ON true LEFT JOIN updated ON true`,
    subject: `WITH ${CLOCK} SELECT ${TOLD}, about.record
      FROM clock LEFT JOIN ${subjects} AS about ON about.subject_key = $3`,
    addSubject: `WITH ${CLOCK}, added AS (
      INSERT INTO ${subjects} (subject_key, revision, purge_at, record) VALUES ($3, $4::bigint + 1, $5::bigint, $6)
      ON CONFLICT DO NOTHING RETURNING 1 AS done)
      SELECT ${TOLD}, added.done FROM clock LEFT JOIN added ON true`,
    replaceSubject: `WITH ${CLOCK}, limited AS MATERIALIZED (SELECT ${LIMITED}),
      updated AS (
        UPDATE ${subjects} AS about SET revision = $4::bigint + 1, purge_at = $5::bigint, record = $6
        FROM limited WHERE about.subject_key = $3 AND about.revision = $4::bigint RETURNING 1 AS done)
      SELECT ${TOLD}, updated.done FROM clock LEFT JOIN updated ON true`,
    // A heartbeat leaves look_at alone: whoever looks moves on what is due later by now, past what another node moves.
    due: `${found(
      "kept.sid IN (SELECT sid FROM due)",
      `, early AS MATERIALIZED (
        SELECT sid FROM ${sessions} WHERE app = $3 AND look_at <= ${NOW} AND due_at > ${NOW}
        ORDER BY look_at LIMIT ${MOST_ROWS} FOR UPDATE SKIP LOCKED),
      moved AS (
        UPDATE ${sessions} AS kept SET look_at = kept.due_at FROM early WHERE kept.sid = early.sid),
      due AS MATERIALIZED (
        SELECT sid FROM ${sessions} WHERE app = $3 AND look_at <= ${NOW} AND due_at <= ${NOW}
        ORDER BY look_at LIMIT $4::bigint)`,
    )} ORDER BY found.look_at`,
    putOff: `WITH ${CLOCK}, moved AS (
      UPDATE ${sessions} SET look_at = ${NOW} + $4::bigint WHERE sid = $3 AND look_at IS NOT NULL)
      SELECT ${TOLD} FROM clock`,
    all: `WITH ${CLOCK} SELECT ${TOLD}, kept.sid, kept.record FROM clock LEFT JOIN (
      SELECT sid, record FROM ${sessions} WHERE app = $3 AND sid > $4 ORDER BY sid LIMIT $5::bigint) AS kept ON true
      ORDER BY kept.sid`,
    // What this statement's snapshot sees and the one before did not. A snapshot that is ahead is of another database,
    // or of this one before a backup was put back.
    endsSince: `WITH ${CLOCK},
      seen AS MATERIALIZED (
        SELECT pg_current_snapshot() AS now, $4::pg_snapshot AS since,
          pg_snapshot_xmax($4::pg_snapshot) > pg_snapshot_xmax(pg_current_snapshot()) AS is_other)
      SELECT ${TOLD}, seen.now::text, ended.sid FROM clock, seen LEFT JOIN LATERAL (
        SELECT sid FROM ${ends} WHERE app = $3 AND seen.since IS NOT NULL
          AND xact >= CASE WHEN seen.is_other THEN '0'::xid8 ELSE pg_snapshot_xmin(seen.since) END
          AND pg_visible_in_snapshot(xact, seen.now)
          AND (seen.is_other OR NOT pg_visible_in_snapshot(xact, seen.since))
        ORDER BY seq DESC LIMIT ${MOST_ENDS}) AS ended ON true`,
    notify: `WITH ${CLOCK} SELECT ${TOLD}, pg_notify($3::text, $4::text) FROM clock`,
    purgeSessions: purge(sessions, "sid"),
    purgeSubjects: purge(subjects, "subject_key"),
    purgeEnds: `WITH ${CLOCK}, gone AS (
      DELETE FROM ${ends} WHERE seq <= (SELECT max(seq) FROM ${ends}) - ${MOST_ENDS})
      SELECT ${TOLD} FROM clock`,
    secret: `WITH ${CLOCK}, kept AS (
      INSERT INTO ${meta} AS kept (name, value) VALUES ('secret', $3::text)
      ON CONFLICT (name) DO UPDATE SET value = kept.value RETURNING value)
      SELECT ${TOLD}, kept.value FROM clock, kept`,
    version: `WITH ${CLOCK} SELECT ${TOLD}, (SELECT value FROM ${meta} WHERE name = 'version') FROM clock`,
  };
}

/** What the server says of itself before anything is kept there. */
export const SERVER = `SELECT current_setting('server_version_num'), current_setting('server_version'),
  pg_is_in_recovery(), current_setting('transaction_read_only'), current_setting('server_encoding'),
  current_setting('fsync'), current_setting('synchronous_commit')`;
