/** The signed log where the disk is full or its directory takes no files, and where two processes want it. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { readVerifierKey, verifyLog } from "../../src/evidence/index.js";
import type { AuditRecord } from "../../src/server/audit/audit-record.js";
import { contentsOf } from "../../src/server/audit/log/directory.js";
import { signedLog } from "../../src/server/audit/log/signed-log.js";

const folder = mkdtempSync(join(tmpdir(), "curfew-disk-"));
const program = join(folder, "writer.mjs");
let directory: string;
const children: ChildProcess[] = [];

beforeAll(() => {
  const source = fileURLToPath(new URL("../../src/server/audit/log/signed-log.ts", import.meta.url));
  const writer = `
    import { signedLog } from ${JSON.stringify(source)};
    import { createInterface } from "node:readline";
    const log = signedLog({ directory: process.argv[2], origin: "log.example", checkpointEvery: "100ms", whenLost: "refuse" });
    const record = { v: 1, at: "2026-01-01T00:00:00.000Z", type: "session_denied", app: "app", policy: "p" };
    const say = (value) => process.stdout.write(JSON.stringify(value) + "\\n");
    log.onTrouble((trouble) => say({ trouble: String(trouble) }));
    say({ ready: true });
    createInterface({ input: process.stdin }).on("line", async (line) => {
      if (line === "refusing?") return say({ refusing: log.isRefusing() });
      if (line === "close") return log.close().then(() => say({ closed: true }));
      let lost = 0;
      for (let at = 0; at < Number(line); at++) try { log.append(record); } catch { lost++; }
      say({ lost });
    });`;
  buildSync({
    stdin: { contents: writer, resolveDir: folder, loader: "ts" },
    outfile: program,
    bundle: true,
    platform: "node",
    format: "esm",
  });
  return () => rmSync(folder, { recursive: true, force: true });
});

beforeEach(() => {
  directory = mkdtempSync(join(folder, "log-"));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

/** A process that writes the log. @param most how many KiB a file of it may have */
function writer(most?: number) {
  const run = `exec ${JSON.stringify(process.execPath)} ${JSON.stringify(program)} ${JSON.stringify(directory)}`;
  const child = spawn("bash", ["-c", most === undefined ? run : `ulimit -S -f ${most}; ${run}`], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  children.push(child);
  const told: Record<string, unknown>[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => void told.push(JSON.parse(line)));
  let complaint = "";
  child.stderr.on("data", (chunk) => {
    complaint += String(chunk);
  });
  const answer = async (line: string): Promise<Record<string, unknown>> => {
    const from = told.length;
    child.stdin.write(`${line}\n`);
    return await vi.waitFor(
      () => {
        const found = told.slice(from).find((one) => !("trouble" in one));
        if (found === undefined) throw new Error("no answer yet");
        return found;
      },
      { timeout: 60_000 },
    );
  };
  const ready = () =>
    vi.waitFor(() => expect([told[0], complaint]).toEqual([{ ready: true }, ""]), { timeout: 60_000 });
  const complained = () => vi.waitFor(() => expect(complaint).not.toBe(""), { timeout: 60_000 });
  return { child, told, answer, ready, complained, complaint: () => complaint };
}

async function verdict() {
  const keys = [readVerifierKey(readFileSync(join(directory, "log.vkey"), "utf8"))];
  return await verifyLog(contentsOf(directory), { keys, witnesses: [], heads: [] });
}

const records = (): readonly AuditRecord[] =>
  readdirSync(directory)
    .filter((name) => name.endsWith(".jsonl"))
    .sort()
    .flatMap((name) => readFileSync(join(directory, name), "utf8").trimEnd().split("\n"))
    .map((line) => JSON.parse(line));

test("a full disk loses what it does not take, says how much once there is room, and spoils nothing", async () => {
  const { child, told, answer, ready } = writer(16);
  await ready();
  const { lost } = await answer("400");
  expect(lost).toBeGreaterThan(100);
  expect(await answer("refusing?")).toEqual({ refusing: true });
  await vi.waitFor(
    () => expect(told.some(({ trouble }) => /EFBIG|ENOSPC/.test(String(trouble)))).toBe(true),
    {
      timeout: 60_000,
    },
  );
  expect(await verdict()).toMatchObject({ fault: null, isTorn: false });
  spawnSync("prlimit", ["--pid", String(child.pid), "--fsize=unlimited"]);
  await vi.waitFor(async () => expect(await answer("refusing?")).toEqual({ refusing: false }), {
    timeout: 60_000,
  });
  expect(await answer("5")).toEqual({ lost: 0 });
  expect(await answer("close")).toEqual({ closed: true });
  const gaps = records().filter(({ type }) => type === "audit_gap");
  expect(gaps.reduce((sum, { count = 0 }) => sum + count, 0)).toBe(lost);
  const { size } = await verdict();
  expect(await verdict()).toMatchObject({ fault: null, signedSize: size });
  expect(records().map(({ seq }) => seq)).toEqual(Array.from({ length: size }, (_, seq) => seq));
});

test("a process that is killed on a full disk leaves a log that goes on", async () => {
  const { child, answer, ready } = writer(16);
  await ready();
  expect((await answer("400")).lost).toBeGreaterThan(100);
  child.kill("SIGKILL");
  await once(child, "close");
  const log = signedLog({ directory, checkpointEvery: "1h" });
  log.append({ v: 1, at: "2026-01-01T00:00:00.000Z", type: "session_denied", app: "app", policy: "p" });
  await log.close?.();
  const { size } = await verdict();
  expect(await verdict()).toMatchObject({ fault: null, signedSize: size });
});

test("a directory that takes no heads loses no record, tells of it, and has all of them signed once it does", async () => {
  const { told, answer, ready } = writer();
  await ready();
  expect(await answer("3")).toEqual({ lost: 0 });
  await vi.waitFor(async () => expect((await verdict()).signedSize).toBe(3), { timeout: 60_000 });
  const checkpoints = join(directory, "checkpoints");
  renameSync(checkpoints, `${checkpoints}.away`);
  mkdirSync(checkpoints);
  expect(await answer("4")).toEqual({ lost: 0 });
  await vi.waitFor(() => expect(told.some(({ trouble }) => /EISDIR/.test(String(trouble)))).toBe(true), {
    timeout: 60_000,
  });
  rmdirSync(checkpoints);
  renameSync(`${checkpoints}.away`, checkpoints);
  await vi.waitFor(async () => expect(await verdict()).toMatchObject({ fault: null, signedSize: 7 }), {
    timeout: 60_000,
  });
});

test("of two processes one writes; the other is told who does, and the log is whole", async () => {
  const first = writer();
  await first.ready();
  const second = writer();
  await second.complained();
  expect(second.complaint()).toMatch(new RegExp(`is written by process ${first.child.pid} on `));
  expect(await first.answer("3")).toEqual({ lost: 0 });
  expect(await first.answer("close")).toEqual({ closed: true });
  expect(await verdict()).toMatchObject({ fault: null, size: 4, signedSize: 4 });
});
