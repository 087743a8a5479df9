/** A reader that looks at what has changed alone refuses just what the one that looks at everything refuses. */
import { describe, expect, test } from "vitest";
import { readSessionRecord } from "../../src/server/record/read.js";
import { createSessionReader } from "../../src/server/record/reader.js";
import { sessionSchema } from "../../src/server/record/schemas.js";
import type { SessionRecord } from "../../src/server/record/session.js";
import { memoryStore } from "../../src/server/stores/memory.js";
import { TestBrowser } from "./support/test-browser.js";
import { createTestVerifier } from "./support/test-verifier.js";

async function someRecord(): Promise<SessionRecord> {
  const store = memoryStore();
  const { sessions } = createTestVerifier({ store });
  const browser = await TestBrowser.signedIn(sessions);
  const found = await store.find((await browser.ask()).body.sid as string);
  await sessions.close();
  if (found === null) throw new Error("there is such a session");
  return found.record;
}

/** What a reader makes of it: the record as text, or why it does not. */
function outcomeOf(read: () => SessionRecord): string {
  try {
    return JSON.stringify(read());
  } catch (error) {
    return String(error);
  }
}

const ODD: readonly unknown[] = [
  undefined,
  null,
  true,
  1.5,
  -1,
  7,
  "text",
  [],
  [1],
  ["a", null],
  {},
  { a: null },
];

describe.each([
  ["as objects", (record: object): unknown => record],
  ["as texts", (record: object): unknown => JSON.stringify(record)],
])("records that are kept %s", (_, keptAs) => {
  test.each(Object.keys(sessionSchema.entries))("any other value of its member %s", async (member) => {
    const record = await someRecord();
    const outcomes = ODD.map((value) => {
      const { [member]: __, ...others } = record as unknown as Record<string, unknown>;
      const odd = keptAs(value === undefined ? others : { ...others, [member]: value });
      const reader = createSessionReader();
      reader.read(record.sid, keptAs(record));
      const changed = outcomeOf(() => reader.read(record.sid, odd));
      expect(changed).toBe(outcomeOf(() => readSessionRecord(odd)));
      return changed;
    });
    expect(outcomes.some((outcome) => outcome.includes("Error"))).toBe(true);
  });
});

test("what cannot be read leaves what was read before", async () => {
  const record = await someRecord();
  const reader = createSessionReader();
  reader.read(record.sid, record);
  expect(() => reader.read(record.sid, { ...record, lastActiveAt: "yesterday" })).toThrow("lastActiveAt");
  expect(() => reader.read(record.sid, { ...record, lastActiveAt: "yesterday" })).toThrow("lastActiveAt");
  expect(reader.read(record.sid, { ...record, lastActiveAt: 5 }).lastActiveAt).toBe(5);
});

test("of an end, and of a record that is very long, nothing is kept", async () => {
  const record = await someRecord();
  const ended = { ...record, ended: { reason: "idle" as const, endedAt: 1 } };
  const long = { ...record, attributes: { note: "x".repeat(8_000) } };
  for (const other of [ended, long]) {
    const reader = createSessionReader();
    const [text, before] = [JSON.stringify(other), reader.read(record.sid, JSON.stringify(record))];
    const read = reader.read(record.sid, text);
    expect(read).toEqual(other);
    expect(reader.read(record.sid, text)).not.toBe(read);
    expect(reader.read(record.sid, JSON.stringify(record))).not.toBe(before);
  }
});

test("a record that has not changed is handed out as it is, until the store has it no more or others came", async () => {
  const record = await someRecord();
  const text = JSON.stringify(record);
  const reader = createSessionReader(2);
  const first = reader.read("a", text);
  expect(reader.read("a", text)).toBe(first);
  reader.forget("a");
  expect(reader.read("a", text)).not.toBe(first);
  const second = reader.read("a", text);
  for (const sid of ["b", "c"]) reader.read(sid, text);
  expect(reader.read("a", text)).not.toBe(second);
});
