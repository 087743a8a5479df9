import { expect, test } from "vitest";
import type { SessionRecord } from "../../src/server/record/session.js";
import { memoryStore } from "../../src/server/stores/memory.js";
import type { SessionStore } from "../../src/server/stores/store.js";
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

test.each([
  [
    "makes a missing record",
    { replace: async () => ({ outcome: "done" as const, now: 1 }) },
    /must make none/,
  ],
  ["inserts twice", { insert: async () => "done" as const }, /`done` once and `exists` after that/],
  ["has no clock", { now: async () => Number.NaN }, /no whole number of milliseconds/],
])("a store that %s is refused", async (_name, broken, message) => {
  const { sessions } = createTestVerifier({ store: { ...memoryStore(), ...broken } });
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
