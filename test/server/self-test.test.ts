import { expect, test } from "vitest";
import type { SessionRecord } from "../../src/server/record/session.js";
import { memoryStore } from "../../src/server/stores/memory.js";
import type { Found, SessionPage, SessionStore } from "../../src/server/stores/store.js";
import { createTestVerifier } from "./support/test-verifier.js";

/** A store that reads, waits and writes, as one over a plain key-value service would. */
function toyStore(): SessionStore {
  const inner = memoryStore();
  const records = new Map<string, SessionRecord>();
  return {
    ...inner,
    name: "toy",
    async insert(record) {
      if (records.has(record.sid)) return "exists";
      records.set(record.sid, record);
      return "done";
    },
    async find(sid) {
      const record = records.get(sid);
      return record ? { record, subject: null, now: await inner.now() } : null;
    },
    async replace(record, { revision, before }) {
      const stored = records.get(record.sid);
      const now = await inner.now();
      if (stored === undefined) return { outcome: "missing", now };
      if (stored.revision !== revision) return { outcome: "changed", now };
      if (before !== undefined && now >= before) return { outcome: "late", now };
      await Promise.resolve();
      records.set(record.sid, { ...record, revision: revision + 1 });
      return { outcome: "done", now };
    },
  };
}

test("a store without an atomic compare-and-set is refused at start, and serves nobody", async () => {
  const lines: string[] = [];
  const logger = { info: () => {}, warn: () => {}, error: (line: string) => lines.push(line) };
  const { sessions } = createTestVerifier({ store: toyStore(), logger });
  await expect(sessions.ready()).rejects.toThrow(
    /toy store cannot keep sessions: of 8 writers .* exactly one may/,
  );
  expect(lines.join()).toContain("the toy store cannot keep sessions");
  const { status } = await sessions.handle(new Request("https://app.test/curfew/session"));
  expect(status).toBe(503);
});

/** As stores had it up to 0.3: a record and the time, without what is kept of its subject. */
async function withoutSubject(found: Promise<Found | null>): Promise<Found | null> {
  const { record, now } = (await found) ?? {};
  return record === undefined ? null : ({ record, now } as Found);
}

const BROKEN: readonly (readonly [string, (store: SessionStore) => Partial<SessionStore>, RegExp])[] = [
  [
    "makes a missing record",
    () => ({ replace: async () => ({ outcome: "done", now: 1 }) }),
    /must make none/,
  ],
  ["inserts twice", () => ({ insert: async () => "done" }), /`done` once and `exists` after that/],
  ["has no clock", () => ({ now: async () => Number.NaN }), /no whole number of milliseconds/],
  [
    "finds a session without its subject",
    (store) => ({ find: (sid) => withoutSubject(store.find(sid)) }),
    /find\(\) must answer with what is kept of the session's subject, as `subject`/,
  ],
  [
    "lists all of a subject's records at once",
    () => ({ listBySubject: async () => [] as unknown as SessionPage }),
    /listBySubject\(app, subject, after, limit\) must answer \{ found, next \}/,
  ],
  [
    "lists ended sessions",
    (store) => {
      let last: SessionRecord | undefined;
      return {
        async insert(record) {
          last ??= record;
          return store.insert(record);
        },
        listBySubject: async () => ({
          found: last ? [{ record: last, subject: null, now: 1 }] : [],
          next: null,
        }),
      };
    },
    /with sessions that have no end/,
  ],
];

test.each(BROKEN)("a store that %s is refused", async (_name, broken, message) => {
  const store = memoryStore();
  const { sessions } = createTestVerifier({ store: { ...store, ...broken(store) } });
  await expect(sessions.ready()).rejects.toThrow(message);
});

test("a store that refuses itself says so at start", async () => {
  const check = async () => {
    throw new Error("maxmemory-policy is allkeys-lru");
  };
  const { sessions } = createTestVerifier({ store: { ...memoryStore(), check } });
  await expect(sessions.ready()).rejects.toThrow("allkeys-lru");
});

test("a good store is ready, and its own test is in nobody's list", async () => {
  const store = memoryStore();
  const { sessions } = createTestVerifier({ store });
  await sessions.ready();
  expect(await sessions.endEverything()).toBe(0);
});
