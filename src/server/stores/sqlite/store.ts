/** The embedded store: one SQLite file that survives a restart and a `kill -9`. */
import * as v from "valibot";
import { type Clock, type StepListener, steadyClock, systemClock } from "../../platform/clock.js";
import { StoreUnavailableError, UnreadableRecordError } from "../../platform/errors.js";
import { remembering } from "../../platform/recent.js";
import { randomText } from "../../platform/secrets.js";
import { readConfiguration } from "../../policy/configuration.js";
import { readListed, readSessionRecord, readSubjectRecord } from "../../record/read.js";
import { createSessionReader } from "../../record/reader.js";
import { isFreshEnd } from "../../record/session.js";
import { clockOption } from "../clock-option.js";
import {
  type Found,
  type ReplaceOutcome,
  type SessionStore,
  UNREADABLE_PERIOD,
  type WarningListener,
} from "../store.js";
import type { SqlDatabase } from "./driver.js";
import { gatherWrites } from "./gathered.js";
import { openStore, openToOthers } from "./open.js";
import { columnsOf, isRow, numberAt, rowsOf, statementsOf, textAt } from "./statements.js";

export interface SqliteStoreOptions {
  /** Default: the machine's clocks. */
  readonly clock?: Clock;
  /**
   * `full` (default): an acknowledged change survives a power cut. `relaxed`: it survives the end of the process, and
   * the last moments before a power cut may be lost, ends included.
   */
  readonly durability?: "full" | "relaxed";
}

const schema = v.strictObject(
  {
    clock: clockOption,
    durability: v.optional(v.picklist(["full", "relaxed"], 'must be "full" or "relaxed"'), "full"),
  },
  'must be an object, such as { durability: "relaxed" }',
);

/** How many records are read at a time where all are. */
const BATCH = 500;
/** How many subjects are kept as they were read, by their text: reading one costs more than finding it. */
const REMEMBERED = 2_000;
const LONGEST_REMEMBERED = 8_000;
/** How many ends are kept for `endedSince`. */
const MOST_ENDS = 10_000;

/**
 * Opens, or makes, the store in the file at `path`. A file that it makes is readable by its owner only.
 * @throws ConfigurationError where SQLite is missing, the file cannot be opened, or a later release has changed it
 */
export function sqliteStore(path: string, options: SqliteStoreOptions = {}): SessionStore {
  const { clock = systemClock, durability } = readConfiguration(schema, options, "sqliteStore's options");
  return openStore(path, (database) => {
    database.exec(`PRAGMA synchronous = ${durability === "full" ? "FULL" : "NORMAL"}`);
    return storeOver(database, path, clock);
  });
}

function storeOver(database: SqlDatabase, path: string, clock: Clock): SessionStore {
  const sql = statementsOf(database);
  const secret = textAt(sql.makeSecret.get(randomText(32)), "value");
  let onStep: StepListener = () => {};
  let onWarning: WarningListener = () => {};
  const now = steadyClock(
    clock,
    (step, at) => onStep(step, at),
    Number(textAt(sql.readTime.get(), "value") || 0),
  );
  const reader = createSessionReader();
  const subjectOf = remembering(REMEMBERED, readSubjectRecord, LONGEST_REMEMBERED);
  let isOpen = true;
  const refuseClosed = () => {
    // Not every driver refuses to go on.
    if (!isOpen) throw new StoreUnavailableError("the SQLite store is closed");
  };
  const failed = (error: unknown): never => {
    if (error instanceof UnreadableRecordError) throw error;
    throw new StoreUnavailableError("the SQLite store cannot be used", { cause: error });
  };
  const ask = async <T>(work: () => T): Promise<T> => {
    refuseClosed();
    try {
      return work();
    } catch (error) {
      return failed(error);
    }
  };
  /** Writes, keeping the highest time beside the record so that it survives a restart. */
  const gathered = gatherWrites(database, () => sql.keepTime.run(String(now())));
  const write = async <T>(work: (at: number) => T): Promise<T> => {
    refuseClosed();
    return gathered.write(() => work(now())).catch(failed);
  };
  const foundAt = (row: unknown, at: number): Found => {
    const about = textAt(row, "about_subject");
    return {
      record: reader.read(textAt(row, "sid"), textAt(row, "record")),
      subject: about === "" ? null : subjectOf(about),
      now: at,
    };
  };
  const found = (row: unknown): Found | null => (isRow(row) ? foundAt(row, now()) : null);
  /** One of a list: the others go on where it cannot be read. */
  const readable = (row: unknown, at: number): readonly Found[] => {
    const listed = readListed(() => foundAt(row, at));
    if (!(listed instanceof UnreadableRecordError)) return [listed];
    onWarning(listed);
    return [];
  };

  return {
    name: "sqlite",
    async check() {
      const warning = openToOthers(path);
      if (warning !== null) onWarning(warning);
    },
    now: () => ask(now),
    secret: async () => secret,
    insert: (record) =>
      write(() => {
        if (sql.taken.get(record.sid, record.secretHash) !== undefined) return "exists";
        sql.insert.run(...columnsOf(record));
        return "done";
      }),
    find: (sid) => ask(() => found(sql.bySid.get(sid))),
    findBySecret: (secretHash) => ask(() => found(sql.bySecret.get(secretHash))),
    listBySubject: (app, subject, after, limit) =>
      ask(() => {
        const at = now();
        const rows = rowsOf(sql.bySubject.all(app, subject, after ?? "", limit));
        return {
          found: rows.flatMap((row) => readable(row, at)),
          next: rows.length < limit ? null : textAt(rows.at(-1), "sid"),
        };
      }),
    replace: (record, expected) =>
      write((at) => {
        const outcome = compare(
          numberAt(sql.revision.get(record.sid), "revision"),
          expected.revision,
          at < (expected.before ?? Number.POSITIVE_INFINITY),
        );
        if (outcome === "done") sql.update.run(...columnsOf({ ...record, revision: expected.revision + 1 }));
        if (outcome === "done" && isFreshEnd(record)) sql.addEnd.run(record.app, record.sid);
        reader.written(record);
        return { outcome, now: at };
      }),
    findSubject: (app, subject) =>
      ask(() => {
        const row = sql.subject.get(app, subject);
        return { record: isRow(row) ? readSubjectRecord(textAt(row, "record")) : null, now: now() };
      }),
    replaceSubject: (record, revision) =>
      write(() => {
        const { app, subject, purgeAt } = record;
        if ((numberAt(sql.subjectRevision.get(app, subject), "revision") ?? 0) !== revision) return "changed";
        const next = revision + 1;
        sql.keepSubject.run(app, subject, next, purgeAt, JSON.stringify({ ...record, revision: next }));
        return "done";
      }),
    due: (app, limit) =>
      ask(() => {
        const at = now();
        return rowsOf(sql.due.all(app, at, limit)).flatMap((row) => {
          const due = readable(row, at);
          if (due.length === 0) sql.putOff.run(at + UNREADABLE_PERIOD, textAt(row, "sid"));
          return due;
        });
      }),
    async *all(app) {
      let after = "";
      let unreadable: UnreadableRecordError | null = null;
      for (;;) {
        const rows = await ask(() => rowsOf(sql.all.all(app, after, BATCH)));
        for (const row of rows) {
          const record = readListed(() => readSessionRecord(textAt(row, "record")));
          if (record instanceof UnreadableRecordError) unreadable = record;
          else yield record;
        }
        if (rows.length === 0) break;
        after = textAt(rows.at(-1), "sid");
      }
      if (unreadable !== null) throw unreadable;
    },
    endedSince: (app, since) =>
      ask(() => {
        const last = numberAt(sql.lastEnd.get(), "seq") ?? 0;
        if (since === null) return { sids: [], next: String(last) };
        // A file that was put in the place of another may be behind.
        const rows = rowsOf(sql.endsSince.all(last < Number(since) ? 0 : Number(since), app, BATCH));
        const next = rows.length < BATCH ? last : numberAt(rows.at(-1), "seq");
        return { sids: rows.map((row) => textAt(row, "sid")), next: String(next) };
      }),
    purge: () =>
      write((at) => {
        sql.purgeEnds.run(MOST_ENDS);
        sql.purge.run(at);
        sql.purgeSubjects.run(at);
      }),
    onClockStep(listener) {
      onStep = listener;
    },
    onWarning(listener) {
      onWarning = listener;
    },
    close: () =>
      ask(() => {
        gathered.flush();
        isOpen = false;
        database.close();
      }),
  };
}

function compare(stored: number | null, revision: number, inTime: boolean): ReplaceOutcome {
  if (stored === null) return "missing";
  if (stored !== revision) return "changed";
  return inTime ? "done" : "late";
}
