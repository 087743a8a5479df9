/** What the audit trail costs: the signed log beside an append of the same lines without tree and signature, and its check. */
import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readVerifierKey } from "../src/evidence/verify.js";
import { verifyLogWith } from "../src/evidence/verify-log.js";
import { verifySessionWith } from "../src/evidence/verify-session.js";
import { createSessionVerifier } from "../src/server/adapters/node.js";
import { auditLine } from "../src/server/audit/audit-line.js";
import type { AuditRecord, AuditSink } from "../src/server/audit/audit-record.js";
import { contentsOf } from "../src/server/audit/log/directory.js";
import { signedLog } from "../src/server/audit/log/signed-log.js";
import { nodeReplayTools, nodeTools } from "../src/server/platform/log-tools.js";
import { memoryStore } from "../src/server/stores/memory.js";
import { TestBrowser } from "../test/server/support/test-browser.js";

export interface AuditResult {
  /** Records a second: the plain append, and the signed log. */
  readonly plainRate: number;
  readonly logRate: number;
  /** Milliseconds that one append takes of whoever calls. */
  readonly appendMedian: number;
  readonly append99: number;
  /** A heartbeat, verified and answered, in milliseconds: without audit, and with the signed log. */
  readonly beatAlone: number;
  readonly beatLogged: number;
  /** Records a second, checked in the log, and replayed with the browsers' signatures. */
  readonly verifyRate: number;
  readonly replayRate: number;
  /** The most memory of a process that checks a log of so many records, and of ten times as many, in bytes. */
  readonly smallLog: number;
  readonly smallMemory: number;
  readonly largeMemory: number;
}

/** As long as a heartbeat's record is. */
const HEARTBEAT = "x".repeat(560);
/** About what comes within ten seconds where there is much to do. */
const STRETCH = 10_000;
const ROUNDS = 15;
const START = Date.parse("2026-01-01T00:00:00.000Z");

function recordAt(at: number, heartbeat: string): AuditRecord {
  return {
    v: 1,
    at: new Date(START + at).toISOString(),
    type: "session_renewed",
    app: "app",
    sid: "4f7c2a8e9b1d4f7c2a8e9b",
    subject: "oP8sdfh2jkH7asdf9Hjk2lkjh3g4kjh5g6kjhg7kjh8",
    change: at,
    heartbeat,
    policy: "5a1f3c5a1f3c5a1f3c5a1f3c5a1f3c5a1f3c5a1f3c",
  };
}

const rateOf = (count: number, began: number) => (count * 1_000) / (performance.now() - began);
const quantile = (sorted: readonly number[], share: number) => sorted[Math.floor(share * sorted.length)] ?? 0;

/** Writes a log of so many records. @returns records a second, the last signature included */
export async function writeLog(directory: string, count: number, heartbeat = HEARTBEAT): Promise<number> {
  const log = signedLog({ directory, origin: "bench.example", checkpointEvery: "1h" });
  const began = performance.now();
  for (let at = 0; at < count; at++) {
    log.append(recordAt(at, heartbeat));
    if (at % STRETCH === STRETCH - 1) await log.checkpoint();
  }
  await log.close?.();
  return rateOf(count, began);
}

/** The same stretch of records by turns, since what else the machine does changes. @returns records a second, the medians */
async function ratesOf(folder: string, rounds: number): Promise<{ plain: number; logged: number }> {
  const file = openSync(join(folder, "plain.jsonl"), "a");
  const log = signedLog({ directory: join(folder, "by-turns"), checkpointEvery: "1h" });
  const rates: { plain: number; logged: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    let began = performance.now();
    for (let at = 0; at < STRETCH; at++)
      writeSync(file, `${auditLine({ seq: at, ...recordAt(at, HEARTBEAT) })}\n`);
    const plain = rateOf(STRETCH, began);
    began = performance.now();
    for (let at = 0; at < STRETCH; at++) log.append(recordAt(at, HEARTBEAT));
    await log.checkpoint();
    rates.push({ plain, logged: rateOf(STRETCH, began) });
  }
  closeSync(file);
  await log.close?.();
  const median = (of: "plain" | "logged") =>
    quantile(
      rates.map((rate) => rate[of]).sort((x, y) => x - y),
      0.5,
    );
  return { plain: median("plain"), logged: median("logged") };
}

async function appendTimes(directory: string, count: number): Promise<readonly number[]> {
  const log = signedLog({ directory, checkpointEvery: "1h" });
  const times: number[] = [];
  for (let at = 0; at < count; at++) {
    const record = recordAt(at, HEARTBEAT);
    const began = performance.now();
    log.append(record);
    times.push(performance.now() - began);
    if (at % STRETCH === STRETCH - 1) await log.checkpoint();
  }
  await log.close?.();
  return times.sort((a, b) => a - b);
}

/** Checks a log. @returns records a second */
export async function verifyRateOf(directory: string): Promise<number> {
  const keys = [readVerifierKey(readFileSync(join(directory, "log.vkey"), "utf8"))];
  const began = performance.now();
  const verdict = await verifyLogWith(nodeTools, contentsOf(directory), { keys, witnesses: [], heads: [] });
  if (verdict.fault !== null) throw new Error(verdict.fault.message);
  return rateOf(verdict.size, began);
}

/** The most memory of a process that checks the log, in bytes. */
export function memoryOf(directory: string): number {
  const child = fileURLToPath(new URL("audit-check.ts", import.meta.url));
  const { stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", child, directory], {
    encoding: "utf8",
  });
  const kibibytes = Number(stdout);
  if (!(kibibytes > 0)) throw new Error(stderr);
  return kibibytes * 1_024;
}

/** Heartbeats through a verifier, alone and logged by turns. @returns the medians, in milliseconds, and the records */
async function beats(directory: string, count: number) {
  const log = signedLog({ directory, checkpointEvery: "10s" });
  const records: AuditRecord[] = [];
  const kept: AuditSink = { write: (record) => void records.push(record) };
  const sides = await Promise.all([[], [log, kept]].map(sideOf));
  const times: [number[], number[]] = [[], []];
  for (let at = 0; at < count; at++)
    for (const [side, { browser, clock }] of sides.entries()) {
      clock.ahead += 30_000;
      const began = performance.now();
      await browser.beat(clock.now());
      times[side]?.push(performance.now() - began);
    }
  const [sid = ""] = sides.slice(1).map(({ browser }) => browser.live.sid);
  for (const { sessions } of sides) await sessions.close();
  const [alone, logged] = times.map((each) =>
    quantile(
      each.sort((a, b) => a - b),
      0.5,
    ),
  );
  return { alone: alone ?? 0, logged: logged ?? 0, records, sid };
}

async function sideOf(audit: readonly AuditSink[]) {
  const clock = {
    ahead: 0,
    now: () => Date.now() + clock.ahead,
    monotonic: () => performance.now() + clock.ahead,
  };
  const sessions = createSessionVerifier({
    policy: { idle: "15m", absolute: "20d" },
    store: memoryStore({ clock }),
    signInUrl: "/login",
    logger: { info: () => {}, warn: () => {}, error: console.error },
    audit,
  });
  return { clock, sessions, browser: await TestBrowser.signedIn(sessions) };
}

/** @param count how many records; the large log has ten times as many */
export async function measureAudit(count: number): Promise<AuditResult> {
  const folder = mkdtempSync(join(tmpdir(), "curfew-bench-"));
  const of = (name: string) => join(folder, name);
  try {
    const { plain: plainRate, logged: logRate } = await ratesOf(folder, ROUNDS);
    await writeLog(of("small"), count);
    const times = await appendTimes(of("times"), count);
    const verifyRate = await verifyRateOf(of("small"));
    const smallMemory = memoryOf(of("small"));
    await writeLog(of("large"), 10 * count);
    const largeMemory = memoryOf(of("large"));
    const { alone, logged, records, sid } = await beats(of("beats"), 2_000);
    const began = performance.now();
    const replay = await verifySessionWith(records, sid, nodeReplayTools());
    if (replay.fault !== null) throw new Error(replay.fault.message);
    const replayRate = rateOf(records.length, began);
    return {
      plainRate,
      logRate,
      appendMedian: quantile(times, 0.5),
      append99: quantile(times, 0.99),
      beatAlone: alone,
      beatLogged: logged,
      verifyRate,
      replayRate,
      smallLog: count,
      smallMemory,
      largeMemory,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
