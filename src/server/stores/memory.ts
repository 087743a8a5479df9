/** The store in memory: for tests and for trying out; everything is gone with the process. */
import { type Clock, type StepListener, steadyClock, systemClock } from "../platform/clock.js";
import { randomText } from "../platform/secrets.js";
import { keepingOf, type SessionRecord } from "../record/session.js";
import type { SubjectRecord } from "../record/subject.js";
import type { Expected, Found, SessionStore } from "./store.js";

export interface MemoryStoreOptions {
  /** Default: the machine's clocks. */
  readonly clock?: Clock;
}

/** Makes an empty store. */
export function memoryStore({ clock = systemClock }: MemoryStoreOptions = {}): SessionStore {
  const records = new Map<string, SessionRecord>();
  const bySecret = new Map<string, string>();
  const subjects = new Map<string, SubjectRecord>();
  const secret = randomText(32);
  let onStep: StepListener = () => {};
  const now = steadyClock(clock, (step, at) => onStep(step, at));
  const found = (record: SessionRecord | undefined): Found | null => (record ? { record, now: now() } : null);
  const put = (record: SessionRecord) => {
    records.set(record.sid, record);
    bySecret.set(record.secretHash, record.sid);
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
    listBySubject: async (app, subject) =>
      [...records.values()].filter((record) => record.app === app && record.subject === subject),
    async replace(record: SessionRecord, expected: Expected) {
      const at = now();
      const stored = records.get(record.sid);
      if (stored === undefined) return { outcome: "missing", now: at };
      if (stored.revision !== expected.revision) return { outcome: "changed", now: at };
      if (expected.before !== undefined && at >= expected.before) return { outcome: "late", now: at };
      if (record.secretHash !== stored.secretHash && bySecret.has(record.secretHash))
        throw new Error("the hash of a new cookie secret is that of another session");
      bySecret.delete(stored.secretHash);
      put({ ...record, revision: expected.revision + 1 });
      return { outcome: "done", now: at };
    },
    findSubject: async (app, subject) => ({ record: subjects.get(idOf(app, subject)) ?? null, now: now() }),
    async replaceSubject(record, revision) {
      const id = idOf(record.app, record.subject);
      if ((subjects.get(id)?.revision ?? 0) !== revision) return "changed";
      subjects.set(id, { ...record, revision: revision + 1 });
      return "done";
    },
    async due(app, limit) {
      const at = now();
      return [...records.values()]
        .filter((record) => record.app === app && at >= (keepingOf(record).dueAt ?? Number.POSITIVE_INFINITY))
        .slice(0, limit)
        .map((record) => ({ record, now: at }));
    },
    async *all(app) {
      for (const record of [...records.values()]) if (record.app === app) yield record;
    },
    async purge() {
      const at = now();
      for (const [id, { purgeAt }] of subjects) if (at >= purgeAt) subjects.delete(id);
      for (const record of records.values()) {
        if (at < keepingOf(record).purgeAt) continue;
        records.delete(record.sid);
        bySecret.delete(record.secretHash);
      }
    },
    onClockStep(listener) {
      onStep = listener;
    },
    close: async () => {},
  };
}

function idOf(app: string, subject: string): string {
  return JSON.stringify([app, subject]);
}
