/** The signed log on a real disk: what it writes a third party can check, whatever happens to the process. */
import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { readVerifierKey, verifyLog } from "../../src/evidence/index.js";
import { formatVerifierKey } from "../../src/evidence/note.js";
import type { AuditRecord } from "../../src/server/audit/audit-record.js";
import { createAuditTrail } from "../../src/server/audit/audit-trail.js";
import { contentsOf } from "../../src/server/audit/log/directory.js";
import { pruneLog } from "../../src/server/audit/log/prune.js";
import { type SignedLog, signedLog } from "../../src/server/audit/log/signed-log.js";
import { readPolicy } from "../../src/server/policy/policy.js";
import { WITNESS } from "../evidence/log.js";

const LOG_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const WITNESS_KEY = formatVerifierKey(WITNESS.key);

let directory: string;
const opened: SignedLog[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "curfew-log-"));
});

afterEach(async () => {
  await Promise.allSettled(opened.splice(0).map((log) => log.close?.()));
  rmSync(directory, { recursive: true, force: true });
});

function open(options: Partial<Parameters<typeof signedLog>[0]> = {}): SignedLog {
  const log = signedLog({ directory, checkpointEvery: "1h", ...options });
  opened.push(log);
  return log;
}

function record(type: AuditRecord["type"] = "session_renewed", at = "2026-01-01T00:00:00.000Z"): AuditRecord {
  return { v: 1, at, type, app: "app", sid: "s1", policy: "p" };
}

async function verdict(log: SignedLog, heads: readonly string[] = []) {
  const keys = [readVerifierKey(log.vkey)];
  return await verifyLog(contentsOf(directory), { keys, witnesses: [], heads });
}

const lines = (): readonly string[] =>
  readdirSync(directory)
    .filter((name) => name.endsWith(".jsonl"))
    .sort()
    .flatMap((name) => readFileSync(join(directory, name), "utf8").trimEnd().split("\n"));
const typesOf = (): readonly string[] => lines().map((line) => (JSON.parse(line) as AuditRecord).type);

test("records are numbered, signed by and by, and whole after a close", async () => {
  const log = open({ origin: "bank.example/portal/node-1" });
  expect(log.append(record()).seq).toBe(0);
  expect(log.append(record()).seq).toBe(1);
  await log.checkpoint();
  log.append(record());
  expect(await verdict(log)).toMatchObject({ fault: null, size: 3, signedSize: 2 });
  await log.close?.();
  expect(await verdict(log)).toMatchObject({ fault: null, size: 4, signedSize: 4, anchoredSize: 0 });
  expect(typesOf().at(-1)).toBe("audit_closed");
  expect(lines()[0]).toMatch(/^\{"v":1,"seq":0,"at":/);
  expect(log.vkey).toMatch(/^bank\.example\/portal\/node-1\+[0-9a-f]{8}\+/);
  expect(readFileSync(join(directory, "log.vkey"), "utf8").trim()).toBe(log.vkey);
});

test("nobody but the owner can read the key and the records", () => {
  open().append(record());
  for (const name of readdirSync(directory).filter((file) => file !== "log.vkey"))
    expect([name, statSync(join(directory, name)).mode & 0o077]).toEqual([name, 0]);
});

test("a log goes on where it was closed, with its name and its key", async () => {
  const first = open();
  first.append(record());
  await first.close?.();
  const second = open();
  expect(second.vkey).toBe(first.vkey);
  expect(second.append(record()).seq).toBe(2);
  await second.checkpoint();
  expect(await verdict(second)).toMatchObject({ fault: null, size: 3, signedSize: 3 });
});

test("a record waits for its signature no longer than was said", async () => {
  const log = open({ checkpointEvery: "100ms" });
  log.append(record());
  await vi.waitFor(async () => expect(await verdict(log)).toMatchObject({ signedSize: 1 }));
});

/** What a process leaves that is killed: the lock of a number that nobody has, and what was written until then. */
async function killed(log: SignedLog): Promise<void> {
  const state = ["frontier.json", "checkpoints"].map((name) => join(directory, name));
  const kept = state.map((path) => (existsSync(path) ? readFileSync(path) : null));
  const size = readdirSync(directory)
    .filter((name) => name.endsWith(".jsonl"))
    .map((name) => [name, statSync(join(directory, name)).size] as const);
  await log.close?.();
  for (const [at, path] of state.entries()) {
    const was = kept[at];
    if (was) writeFileSync(path, was);
    else rmSync(path, { force: true });
  }
  for (const [name, bytes] of size) truncateSync(join(directory, name), bytes);
}

test("what a killed process had written is signed by the next one; a piece of a line is set aside and recorded", async () => {
  const log = open();
  log.append(record());
  await log.checkpoint();
  log.append(record());
  log.append(record());
  await killed(log);
  const [file = ""] = readdirSync(directory).filter((name) => name.endsWith(".jsonl"));
  appendFileSync(join(directory, file), '{"v":1,"seq":3,"a');
  expect(await verdict(log)).toMatchObject({ fault: null, size: 4, signedSize: 1, isTorn: true });
  const next = open();
  next.append(record());
  await next.checkpoint();
  expect(await verdict(next)).toMatchObject({ fault: null, size: 5, signedSize: 5, isTorn: false });
  expect(typesOf().slice(3)).toEqual(["audit_torn", "session_renewed"]);
  const torn = readdirSync(directory).filter((name) => name.includes(".torn-"));
  expect(torn.map((name) => readFileSync(join(directory, name), "utf8"))).toEqual(['{"v":1,"seq":3,"a']);
});

test("without what was kept of the tree the log is read anew, and goes on", async () => {
  const log = open();
  for (let at = 0; at < 20; at++) log.append(record());
  await log.close?.();
  writeFileSync(join(directory, "frontier.json"), "nonsense\n");
  const next = open();
  next.append(record());
  await next.checkpoint();
  expect(await verdict(next)).toMatchObject({ fault: null, size: 22, signedSize: 22 });
});

test("a log of so many checkpoints that their end alone is read goes on where it was", async () => {
  const log = open();
  log.append(record());
  await log.close?.();
  const checkpoints = join(directory, "checkpoints");
  const note = readFileSync(checkpoints, "utf8");
  writeFileSync(checkpoints, note.repeat(Math.ceil(1_500_000 / note.length)));
  const next = open();
  expect(next.append(record()).seq).toBe(2);
  await next.checkpoint();
  const { checkpoints: notes } = contentsOf(directory);
  let last = "";
  for await (const one of notes) last = one;
  expect(last).toMatch(/\n3\n/);
});

test("a log whose signed records are missing is not gone on with", async () => {
  const log = open();
  log.append(record());
  log.append(record());
  await log.close?.();
  const [file = ""] = readdirSync(directory).filter((name) => name.endsWith(".jsonl"));
  truncateSync(join(directory, file), 0);
  rmSync(join(directory, "frontier.json"));
  expect(() => open()).toThrow(/3 records were signed, and 0 are there/);
});

test("a second writer is refused, also of another machine, until its sign of life is a minute old", async () => {
  const log = open();
  expect(() => open()).toThrow(/is written by this very process/);
  await log.close?.();
  const lock = join(directory, "lock");
  writeFileSync(lock, "1 other.example\n");
  expect(() => open()).toThrow(/is written by process 1 on other\.example/);
  spawnSync("touch", ["-d", "2 minutes ago", lock]);
  expect(open().append(record()).seq).toBe(0);
});

test("the lock of a process of this machine that is gone holds nobody up", () => {
  const gone = spawnSync(process.execPath, ["-e", "console.log(process.pid, require('os').hostname())"]);
  writeFileSync(join(directory, "lock"), gone.stdout);
  expect(open().append(record()).seq).toBe(0);
});

test.each([
  [{ directory: "" }, /signedLog's options\.directory must be a path/],
  [{ checkpointEvery: "10" }, /signedLog's options\.checkpointEvery is "10"/],
  [{ checkpointEvery: "2h" }, /write one from "100ms" to "1h"/],
  [{ origin: "a b" }, /options\.origin is "a b"; write a name without spaces and plus signs/],
  [{ witnesses: [{ url: "ftp://w.example", vkey: WITNESS_KEY }] }, /witnesses\.0\.url must be an http/],
  [
    { witnesses: [{ url: "https://w.example", vkey: LOG_KEY }] },
    /witnesses\.0\.vkey must be a witness's key/,
  ],
])("%j is refused at start", (options, message) => {
  expect(() => open(options)).toThrow(message);
});

test("another name and another key are refused: a log keeps both", async () => {
  await open({ origin: "a.example" }).close?.();
  expect(() => open({ origin: "b.example" })).toThrow(/has the name "a\.example"/);
  rmSync(join(directory, "log.key"));
  expect(() => open()).toThrow(/a log keeps its key/);
});

test("a key service can sign", async () => {
  const inner = open();
  await inner.close?.();
  const { createPrivateKey, sign } = await import("node:crypto");
  const key = createPrivateKey(readFileSync(join(directory, "log.key")));
  rmSync(join(directory, "log.key"));
  const log = open({ key: { vkey: inner.vkey, sign: async (bytes) => sign(null, bytes, key) } });
  log.append(record());
  await log.checkpoint();
  expect(await verdict(log)).toMatchObject({ fault: null, signedSize: 1 });
  expect(existsSync(join(directory, "log.key"))).toBe(false);
});

test("a record that is too long is refused at its source, holds up no call, and the gap is told", () => {
  const log = open({ whenLost: "refuse" });
  expect(() => log.append({ ...record(), path: "x".repeat(60_000) })).toThrow(/too long for the signed log/);
  expect(log.isRefusing?.()).toBe(false);
  log.append(record());
  expect(lines().map((line) => (JSON.parse(line) as AuditRecord).count)).toEqual([1, undefined]);
  expect(typesOf()).toEqual(["audit_gap", "session_renewed"]);
});

test("the trail gives the other sinks the records with their numbers, and goes on where the log fails", () => {
  const log = open();
  const seen: AuditRecord[] = [];
  const errors: string[] = [];
  const trail = createAuditTrail({
    app: "app",
    policy: readPolicy({ idle: "15m", absolute: "8h" }),
    sinks: [{ write: (one) => void seen.push(one) }, log],
    onEvent: undefined,
    secret: "x".repeat(32),
    logger: { info() {}, warn() {}, error: (text: string) => void errors.push(text) },
  });
  trail.record("session_created", 0, { sid: "s", subject: "p" });
  trail.record("session_created", 0, { sid: "s", subject: "p" }, { path: "x".repeat(70_000) });
  trail.record("session_created", 0, { sid: "s", subject: "p" });
  expect(seen.map(({ seq }) => seq)).toEqual([0, undefined, 2]);
  expect(errors).toHaveLength(1);
  expect(typesOf()).toEqual(["session_created", "audit_gap", "session_created"]);
});

test("old records are pruned by whole days, and the rest can still be checked", async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.parse("2026-01-01T12:00:00Z") });
  try {
    const log = open();
    for (const day of ["01", "02", "03"]) {
      vi.setSystemTime(Date.parse(`2026-01-${day}T12:00:00Z`));
      log.append(record("session_renewed", `2026-01-${day}T12:00:00.000Z`));
      log.append(record("session_renewed", `2026-01-${day}T12:00:01.000Z`));
      vi.setSystemTime(Date.parse(`2026-01-${day}T12:00:00Z`) + 86_400_000);
      await log.checkpoint();
    }
    log.append(record("session_renewed", "2026-01-04T12:00:00.000Z"));
    await log.checkpoint();
    expect(pruneLog(directory, Date.parse("2026-01-03T00:00:00Z"))).toEqual({ files: 2, records: 4 });
    expect(await verdict(log)).toMatchObject({ fault: null, size: 7, signedSize: 7, pruned: 4 });
    await log.close?.();
    const next = open();
    expect(next.append(record()).seq).toBe(8);
  } finally {
    vi.useRealTimers();
  }
});

test.each([1, 5, 22, 30, -94, -93, -92, -91, -60, -20, -1])(
  "a checkpoint of which a killed process wrote the first %i bytes is set aside, and the log is whole before and after",
  async (length) => {
    const log = open();
    log.append(record());
    await log.checkpoint();
    await killed(log);
    const checkpoints = join(directory, "checkpoints");
    const piece = readFileSync(checkpoints).subarray(0, length);
    appendFileSync(checkpoints, piece);
    expect(await verdict(log)).toMatchObject({ fault: null, size: 1, signedSize: 1 });
    const next = open();
    next.append(record());
    await next.checkpoint();
    expect(await verdict(next)).toMatchObject({ fault: null, size: 3, signedSize: 3 });
    expect(typesOf().slice(1)).toEqual(["audit_torn", "session_renewed"]);
    const [aside = ""] = readdirSync(directory).filter((name) => name.startsWith("checkpoints.torn-"));
    expect(readFileSync(join(directory, aside)).equals(piece)).toBe(true);
  },
);

test("each byte of the last checkpoint, changed in turn, is told of", async () => {
  const log = open();
  log.append(record());
  await log.checkpoint();
  log.append(record());
  await log.checkpoint();
  const path = join(directory, "checkpoints");
  const whole = readFileSync(path);
  for (let at = Math.floor(whole.length / 2); at < whole.length; at++) {
    writeFileSync(path, whole.with(at, (whole[at] ?? 0) ^ 1));
    const { fault } = await verdict(log);
    expect([at, fault?.kind]).toEqual([at, expect.stringMatching(/^(?:altered|re-keyed)$/)]);
  }
  writeFileSync(path, whole);
});
