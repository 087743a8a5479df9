/** The store in memory: for tests and for trying out; everything is gone with the process. */
import * as v from "valibot";
import { type Clock, type StepListener, steadyClock, systemClock } from "../platform/clock.js";
import { UnreadableRecordError } from "../platform/errors.js";
import { randomText } from "../platform/secrets.js";
import { readConfiguration } from "../policy/configuration.js";
import { readListed, readSessionRecord, readSubjectRecord } from "../record/read.js";
import { createSessionReader } from "../record/reader.js";
import { keepingOf, type SessionRecord } from "../record/session.js";
import type { SubjectRecord } from "../record/subject.js";
import { type Calendar, createCalendar } from "./calendar.js";
import { clockOption } from "./clock-option.js";
import type { EndedSince, Expected, Found, SessionPage, SessionStore, WarningListener } from "./store.js";

export interface MemoryStoreOptions {
  /** Default: the machine's clocks. */
  readonly clock?: Clock;
}

/** How many ends are kept for `endedSince`. */
const MOST_ENDS = 10_000;

const schema = v.strictObject({ clock: clockOption }, "must be an object");

/** Makes an empty store. @throws ConfigurationError for an option that cannot be used */
export function memoryStore(options: MemoryStoreOptions = {}): SessionStore {
  const { clock = systemClock } = readConfiguration(schema, options, "memoryStore's options");
  const records = new Map<string, SessionRecord>();
  const bySecret = new Map<string, string>();
  const subjects = new Map<string, SubjectRecord>();
  const secret = randomText(32);
  let onStep: StepListener = () => {};
  let onWarning: WarningListener = () => {};
  const now = steadyClock(clock, (step, at) => onStep(step, at));
  const subjectOf = (app: string, subject: string): SubjectRecord | null => {
    const kept = subjects.get(idOf(app, subject));
    return kept === undefined ? null : readSubjectRecord(kept);
  };
  const reader = createSessionReader(Number.POSITIVE_INFINITY);
  const known = (kept: SessionRecord): Found => ({
    record: reader.read(kept.sid, kept),
    subject: subjectOf(kept.app, kept.subject),
    now: now(),
  });
  const found = (kept: SessionRecord | undefined): Found | null => (kept === undefined ? null : known(kept));
  const readable = (kept: SessionRecord): readonly Found[] => {
    const listed = readListed(() => known(kept));
    if (!(listed instanceof UnreadableRecordError)) return [listed];
    onWarning(listed);
    return [];
  };
  const due = new Map<string, Calendar>();
  const dueOf = (app: string): Calendar => {
    const calendar = due.get(app) ?? createCalendar();
    due.set(app, calendar);
    return calendar;
  };
  const purges = createCalendar();
  const live = createLiveSids();
  const ends = createEnds();
  const put = (record: SessionRecord) => {
    records.set(record.sid, record);
    bySecret.set(record.secretHash, record.sid);
    const { dueAt, purgeAt } = keepingOf(record);
    dueOf(record.app).put(record.sid, dueAt);
    purges.put(record.sid, purgeAt);
    const id = idOf(record.app, record.subject);
    if (record.ended === null) live.add(id, record.sid);
    else live.remove(id, record.sid);
  };

  return {
    name: "memory",
    now: async () => now(),
    secret: async () => secret,
    async insert(record) {
      if (records.has(record.sid) || bySecret.has(record.secretHash)) return "exists";
      put(record);
      return "done";
    },
    find: async (sid) => found(records.get(sid)),
    findBySecret: async (secretHash) => found(records.get(bySecret.get(secretHash) ?? "")),
    async listBySubject(app, subject, after, limit): Promise<SessionPage> {
      const { sids, next } = live.page(idOf(app, subject), after, limit);
      const kept = sids.flatMap((sid) => records.get(sid) ?? []);
      return { found: kept.flatMap(readable), next };
    },
    async replace(record: SessionRecord, expected: Expected) {
      const at = now();
      const stored = records.get(record.sid);
      if (stored === undefined) return { outcome: "missing", now: at };
      if (stored.revision !== expected.revision) return { outcome: "changed", now: at };
      if (expected.before !== undefined && at >= expected.before) return { outcome: "late", now: at };
      if (record.secretHash !== stored.secretHash && bySecret.has(record.secretHash))
        throw new Error("the hash of a new cookie secret is that of another session");
      if (stored.ended === null && record.ended !== null) ends.add(record);
      bySecret.delete(stored.secretHash);
      put({ ...record, revision: expected.revision + 1 });
      reader.written(record);
      return { outcome: "done", now: at };
    },
    findSubject: async (app, subject) => ({ record: subjectOf(app, subject), now: now() }),
    async replaceSubject(record, revision) {
      const id = idOf(record.app, record.subject);
      if ((subjects.get(id)?.revision ?? 0) !== revision) return "changed";
      subjects.set(id, { ...record, revision: revision + 1 });
      return "done";
    },
    async due(app, limit) {
      const at = now();
      const found: Found[] = [];
      for (const sid of dueOf(app).until(at)) {
        if (found.length === limit) break;
        const record = records.get(sid);
        if (record !== undefined) found.push(...readable(record));
      }
      return found;
    },
    async *all(app) {
      let unreadable: UnreadableRecordError | null = null;
      for (const kept of [...records.values()].filter((one) => one.app === app)) {
        const record = readListed(() => readSessionRecord(kept));
        if (record instanceof UnreadableRecordError) unreadable = record;
        else yield record;
      }
      if (unreadable !== null) throw unreadable;
    },
    endedSince: async (app, since) => ends.since(app, since),
    async purge() {
      const at = now();
      for (const [id, { purgeAt }] of subjects) if (at >= purgeAt) subjects.delete(id);
      for (const sid of purges.until(at)) {
        const record = records.get(sid);
        if (record === undefined) continue;
        records.delete(sid);
        reader.forget(sid);
        bySecret.delete(record.secretHash);
        live.remove(idOf(record.app, record.subject), sid);
        dueOf(record.app).put(sid, null);
        purges.put(sid, null);
      }
    },
    onClockStep(listener) {
      onStep = listener;
    },
    onWarning(listener) {
      onWarning = listener;
    },
    close: async () => {},
  };
}

/** The sids of live sessions for each subject, in the order in which they came. */
function createLiveSids() {
  const subjects = new Map<string, Map<string, number>>();
  let count = 0;
  return {
    add(id: string, sid: string): void {
      const sids = subjects.get(id) ?? new Map<string, number>();
      subjects.set(id, sids);
      if (!sids.has(sid)) sids.set(sid, ++count);
    },
    remove(id: string, sid: string): void {
      const sids = subjects.get(id);
      sids?.delete(sid);
      if (sids?.size === 0) subjects.delete(id);
    },
    page(id: string, after: string | null, limit: number) {
      const rest = [...(subjects.get(id) ?? [])].filter(([, place]) => place > Number(after));
      const page = rest.slice(0, limit);
      return {
        sids: page.map(([sid]) => sid),
        next: rest.length > limit ? String(page.at(-1)?.[1]) : null,
      };
    },
  };
}

/** The ends of late, in the order in which they came. */
function createEnds() {
  const ends = new Map<number, { readonly app: string; readonly sid: string }>();
  let count = 0;
  return {
    add({ app, sid }: SessionRecord): void {
      ends.set(++count, { app, sid });
      ends.delete(count - MOST_ENDS);
    },
    since(app: string, since: string | null): EndedSince {
      const fresh = [...ends].filter(([place, end]) => place > Number(since ?? count) && end.app === app);
      return { sids: fresh.map(([, { sid }]) => sid), next: String(count) };
    },
  };
}

function idOf(app: string, subject: string): string {
  return JSON.stringify([app, subject]);
}
