/** What is said to SQLite: the statements, and what a record's row holds. */
import { keepingOf, type SessionRecord } from "../../record/session.js";
import type { SqlDatabase, SqlValue } from "./driver.js";

/** Of a session's record; also of one that is no JSON, whose reader says so. An index goes by the same words. */
export const HAS_NO_END = "(CASE WHEN json_valid(record) THEN json_extract(record, '$.ended') END) IS NULL";

export function statementsOf(database: SqlDatabase) {
  const withSubject = `SELECT sid, record, (SELECT record FROM curfew_subjects AS about
    WHERE about.app = curfew_sessions.app AND about.subject = curfew_sessions.subject) AS about_subject
    FROM curfew_sessions`;
  const columns = "secret_hash, app, subject, revision, expires_at, ended_at, purge_at, record, sid";
  return {
    insert: database.prepare(`INSERT INTO curfew_sessions (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`),
    update: database.prepare(
      `UPDATE curfew_sessions SET secret_hash = ?, app = ?, subject = ?, revision = ?, expires_at = ?, ended_at = ?,
       purge_at = ?, record = ? WHERE sid = ?`,
    ),
    bySid: database.prepare(`${withSubject} WHERE sid = ?`),
    revision: database.prepare("SELECT revision FROM curfew_sessions WHERE sid = ?"),
    taken: database.prepare("SELECT 1 AS taken FROM curfew_sessions WHERE sid = ? OR secret_hash = ?"),
    subject: database.prepare("SELECT record FROM curfew_subjects WHERE app = ? AND subject = ?"),
    subjectRevision: database.prepare("SELECT revision FROM curfew_subjects WHERE app = ? AND subject = ?"),
    keepSubject: database.prepare(
      `INSERT INTO curfew_subjects (app, subject, revision, purge_at, record) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (app, subject) DO UPDATE SET revision = excluded.revision, purge_at = excluded.purge_at,
       record = excluded.record`,
    ),
    all: database.prepare(
      "SELECT sid, record FROM curfew_sessions WHERE app = ? AND sid > ? ORDER BY sid LIMIT ?",
    ),
    purgeSubjects: database.prepare("DELETE FROM curfew_subjects WHERE purge_at <= ?"),
    bySecret: database.prepare(`${withSubject} WHERE secret_hash = ?`),
    bySubject: database.prepare(
      `${withSubject} WHERE app = ? AND subject = ? AND sid > ? AND ${HAS_NO_END} ORDER BY sid LIMIT ?`,
    ),
    due: database.prepare(
      `${withSubject} WHERE app = ? AND ended_at IS NULL AND expires_at <= ? ORDER BY expires_at LIMIT ?`,
    ),
    putOff: database.prepare("UPDATE curfew_sessions SET expires_at = ? WHERE sid = ?"),
    purge: database.prepare("DELETE FROM curfew_sessions WHERE purge_at <= ?"),
    addEnd: database.prepare("INSERT INTO curfew_ends (app, sid) VALUES (?, ?)"),
    lastEnd: database.prepare("SELECT COALESCE(MAX(seq), 0) AS seq FROM curfew_ends"),
    endsSince: database.prepare(
      "SELECT seq, sid FROM curfew_ends WHERE seq > ? AND app = ? ORDER BY seq LIMIT ?",
    ),
    purgeEnds: database.prepare(
      "DELETE FROM curfew_ends WHERE seq <= (SELECT MAX(seq) FROM curfew_ends) - ?",
    ),
    makeSecret: database.prepare(
      `INSERT INTO curfew_meta (name, value) VALUES ('secret', ?) ON CONFLICT (name) DO UPDATE SET value = value RETURNING value`,
    ),
    readTime: database.prepare("SELECT value FROM curfew_meta WHERE name = 'time'"),
    keepTime: database.prepare(
      "INSERT INTO curfew_meta (name, value) VALUES ('time', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    ),
  };
}

/** In the order of the statements: everything, then the sid. */
export function columnsOf(record: SessionRecord): readonly SqlValue[] {
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

/** The text in a column of a row; empty where there is none. */
export function textAt(row: unknown, column: string): string {
  if (typeof row !== "object" || row === null) return "";
  const value: unknown = Reflect.get(row, column);
  return typeof value === "string" ? value : "";
}

/** The number in a column of a row; null where there is none. */
export function numberAt(row: unknown, column: string): number | null {
  if (typeof row !== "object" || row === null) return null;
  const value: unknown = Reflect.get(row, column);
  return typeof value === "number" ? value : null;
}

/** Whether a statement has found a row. */
export function isRow(row: unknown): boolean {
  return row !== undefined && row !== null;
}

export function rowsOf(rows: unknown): readonly unknown[] {
  return Array.isArray(rows) ? rows : [];
}
