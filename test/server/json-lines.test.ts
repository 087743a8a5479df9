/** The file of JSON lines: turned by size and by day, on the disk when it says so, and whole again after a full disk. */
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { AuditRecord, AuditSink } from "../../src/server/audit/audit-record.js";
import { type JsonLinesOptions, jsonLinesAudit } from "../../src/server/audit/json-lines.js";

let folder: string;
let path: string;
const opened: AuditSink[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "curfew-lines-"));
  path = join(folder, "audit.jsonl");
});
afterEach(async () => {
  vi.useRealTimers();
  for (const sink of opened.splice(0)) await sink.close?.();
  rmSync(folder, { recursive: true });
});

function open(options: JsonLinesOptions = {}) {
  const sink = jsonLinesAudit(path, options);
  opened.push(sink);
  return sink;
}

function record(seq: number): AuditRecord {
  return { v: 1, seq, at: "2026-01-01T00:00:00.000Z", type: "session_denied", app: "app", policy: "p" };
}

const seqsIn = (name: string) =>
  readFileSync(join(folder, name), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => (JSON.parse(line) as AuditRecord).seq);

test("a file is turned by its size, and none of the records is lost or stands twice", () => {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.parse("2026-01-01T00:00:00Z") });
  const sink = open({ maxBytes: 1_024 });
  for (let seq = 0; seq < 50; seq++) {
    vi.setSystemTime(Date.parse("2026-01-01T00:00:00Z") + seq);
    void sink.write(record(seq));
  }
  const aged = readdirSync(folder)
    .sort()
    .filter((name) => name !== "audit.jsonl");
  expect(aged.length).toBeGreaterThan(3);
  expect(aged[0]).toMatch(/^audit-2026-01-01T00-00-00-\d{3}Z\.jsonl$/);
  expect([...aged, "audit.jsonl"].flatMap(seqsIn)).toEqual(Array.from({ length: 50 }, (_, seq) => seq));
});

test("a file is turned by the day, also where the process begins on the next one", async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() });
  const first = open({ daily: true });
  void first.write(record(0));
  void first.write(record(1));
  vi.setSystemTime(Date.now() + 86_400_000);
  void first.write(record(2));
  await opened.pop()?.close?.();
  const second = open({ daily: true });
  vi.setSystemTime(Date.now() + 86_400_000);
  void second.write(record(3));
  const aged = readdirSync(folder)
    .filter((name) => name !== "audit.jsonl")
    .sort();
  expect(aged.map(seqsIn)).toEqual([[0, 1], [2]]);
  expect(seqsIn("audit.jsonl")).toEqual([3]);
});

test("a file that cannot be turned is gone on with, and that is told of once", () => {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.parse("2026-01-01T00:00:00Z") });
  const sink = open({ daily: true });
  const troubles: string[] = [];
  sink.onTrouble?.((trouble) => troubles.push(String(trouble)));
  void sink.write(record(0));
  renameSync(path, join(folder, "elsewhere.jsonl"));
  vi.setSystemTime(Date.now() + 86_400_000);
  for (let seq = 1; seq < 5; seq++) void sink.write(record(seq));
  expect(troubles).toEqual([expect.stringMatching(/ENOENT/)]);
  expect(seqsIn("elsewhere.jsonl")).toEqual([0, 1, 2, 3, 4]);
});

test.each(["always", "100ms", "never"])("with sync %j each record is there when the call returns", (sync) => {
  const sink = open({ sync });
  void sink.write(record(0));
  expect(seqsIn("audit.jsonl")).toEqual([0]);
});

test("what a killed process has left of a line spoils no other", () => {
  appendFileSync(path, '{"v":1,"seq":0}\n{"v":1,"se');
  void open().write(record(1));
  expect(readFileSync(path, "utf8")).toBe(`{"v":1,"seq":0}\n{"v":1,"se\n${JSON.stringify(record(1))}\n`);
});

test("a disk that takes nothing is told of, and where nothing may be lost calls are refused meanwhile", () => {
  path = "/dev/full";
  const sink = open({ whenLost: "refuse" });
  expect(sink.isRefusing?.()).toBe(false);
  expect(() => sink.write(record(0))).toThrow(/ENOSPC/);
  expect(sink.isRefusing?.()).toBe(true);
  const other = open();
  expect(() => other.write(record(0))).toThrow(/ENOSPC/);
  expect(other.isRefusing?.()).toBe(false);
});

test.each<[JsonLinesOptions, RegExp]>([
  [{ maxBytes: 10 }, /jsonLinesAudit's options\.maxBytes must be at least 1024/],
  [{ sync: "sometimes" }, /jsonLinesAudit's options\.sync/],
  [{ whenLost: "panic" } as never, /whenLost must be "continue" or "refuse"/],
  [{ dayly: true } as never, /unknown key "dayly".*did you mean "daily"/],
])("%j is refused at start", (options, message) => {
  expect(() => open(options)).toThrow(message);
});
