/** Sessions in PostgreSQL: one row each. A change holds the row, compares, and writes by the time that it reads then. */
import { codeOf, UnreadableRecordError } from "../../platform/errors.js";
import { readListed, readSessionRecord, readSubjectRecord } from "../../record/read.js";
import { createSessionReader, type SessionReader } from "../../record/reader.js";
import { isFreshEnd, keepingOf, type SessionRecord } from "../../record/session.js";
import {
  type Found,
  type ReplaceOutcome,
  type SessionStore,
  UNREADABLE_PERIOD,
  type WarningListener,
} from "../store.js";
import type { PostgresAnswer, PostgresCaller, PostgresValue } from "./caller.js";
import type { PostgresStatements } from "./statements.js";
import { subjectKey } from "./subjects.js";

type Row = PostgresAnswer["rows"][number];

interface PostgresSessionsOptions {
  readonly onWarning: WarningListener;
  /** A session has just been ended here. */
  readonly onEnd: (record: SessionRecord) => void;
}

/** How many records are read at a time where all are. */
const BATCH = 500;

export function postgresSessions(
  run: PostgresCaller["run"],
  sql: PostgresStatements,
  { onWarning, onEnd }: PostgresSessionsOptions,
): Pick<SessionStore, "insert" | "find" | "findBySecret" | "listBySubject" | "replace" | "due" | "all"> {
  const reader = createSessionReader();
  /** One of a list: the others go on where it cannot be read. */
  const readable = (row: Row): readonly Found[] => {
    const listed = readListed(() => foundAt(reader, row));
    if (!(listed instanceof UnreadableRecordError)) return [listed];
    onWarning(listed);
    return [];
  };
  const one = async (statement: string, value: string): Promise<Found | null> => {
    const [row] = (await run(statement, storable(value))).rows.filter(isSession);
    return row === undefined ? null : foundAt(reader, row);
  };
  return {
    find: (sid) => one(sql.bySid, sid),
    findBySecret: (secretHash) => one(sql.bySecret, secretHash),
    async insert(record) {
      const { rows } = await run(sql.insert, ...columnsOf(record), record.revision);
      return rows[0]?.columns[0] === "1" ? "done" : "exists";
    },
    async listBySubject(app, subject, after, limit) {
      const answer = await run(sql.bySubject, subjectKey(app, subject), after ?? "", limit);
      const rows = answer.rows.filter(isSession);
      return {
        found: rows.flatMap(readable),
        next: rows.length < limit ? null : (rows.at(-1)?.columns[0] ?? null),
      };
    },
    async replace(record, { revision, before = null }) {
      const next = { ...record, revision: revision + 1 };
      const isEnd = isFreshEnd(record);
      const { now, rows } = await run(sql.replace, ...columnsOf(next), revision, before, isEnd).catch(taken);
      const outcome = rows[0]?.columns[0] as ReplaceOutcome;
      reader.written(record);
      if (outcome === "done" && isEnd) onEnd(record);
      return { outcome, now };
    },
    async due(app, limit) {
      const { rows } = await run(sql.due, app, limit);
      const found: Found[] = [];
      for (const row of rows.filter(isSession)) {
        const due = readable(row);
        found.push(...due);
        if (due.length === 0) await run(sql.putOff, row.columns[0] ?? "", UNREADABLE_PERIOD);
      }
      return found;
    },
    async *all(app) {
      let after = "";
      let unreadable: UnreadableRecordError | null = null;
      for (;;) {
        const rows = (await run(sql.all, app, after, BATCH)).rows.filter(isSession);
        for (const { columns } of rows) {
          const record = readListed(() => readSessionRecord(columns[1]));
          if (record instanceof UnreadableRecordError) unreadable = record;
          else yield record;
        }
        if (rows.length < BATCH) break;
        after = rows.at(-1)?.columns[0] ?? "";
      }
      if (unreadable !== null) throw unreadable;
    },
  };
}

function isSession({ columns: [sid] }: Row): boolean {
  return sid !== null;
}

function foundAt(reader: SessionReader, { now, columns: [sid, record, about = null] }: Row): Found {
  return {
    record: reader.read(sid ?? "", record),
    subject: about === null ? null : readSubjectRecord(about),
    now,
  };
}

/** In the order of the statements. */
function columnsOf(record: SessionRecord): readonly PostgresValue[] {
  const { sid, secretHash, app, subject, ended } = record;
  const { dueAt, purgeAt } = keepingOf(record);
  const isLive = ended === null;
  const text = JSON.stringify(record);
  return [
    storable(sid),
    storable(secretHash),
    storable(app),
    subjectKey(app, subject),
    isLive,
    dueAt,
    purgeAt,
    text,
  ];
}

/** PostgreSQL refuses a text with this one character; no sid or hash that Curfew makes has it. */
function storable(text: string): string {
  return text.replaceAll("\u0000", "\ufffd");
}

function taken(error: unknown): never {
  if (codeOf(error) !== "23505") throw error;
  throw new Error("the hash of a new cookie secret is that of another session", { cause: error });
}
