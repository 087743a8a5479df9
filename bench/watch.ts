/** What the watch costs: from a record to its alert at 5,000 records a second, and the memory that 100,000 sessions take. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { AuditRecord } from "../src/server/audit/audit-record.js";
import { DEFAULT_WATCH } from "../src/server/policy/watch-thresholds.js";
import { createLiveWatch } from "../src/server/watch/live-watch.js";
import { createWatcher } from "../src/server/watch/watcher.js";
import { heartbeatOf, MINUTE, T0 } from "../test/watch/support/records.js";

const SESSIONS = Number(process.env.SESSIONS ?? 100_000);
/** Enough to fill what `machine-like` keeps of a session. */
const BEATS = 48;
const RATE = 5_000;
const SECONDS = 10;
const HEARTBEATS = [3, 17, 120, 400].map((pointer) => heartbeatOf({ pointer, key: 2 }));
const TERMS = { idleTimeout: 15 * MINUTE, warningPeriod: 2 * MINUTE };

const watcher = () => createWatcher({ watch: DEFAULT_WATCH, terms: () => TERMS });

function beat(session: number, turn: number): AuditRecord {
  const at = T0 + turn * MINUTE + (session % 59_000);
  return {
    v: 1,
    seq: turn * SESSIONS + session,
    at: new Date(at).toISOString(),
    type: "session_renewed",
    app: "app",
    sid: `session-${session}-0123456789`,
    subject: `subject-${session}`.padEnd(43, "0"),
    from: `place-${session % 5_000}`.padEnd(43, "0"),
    intent: "activity",
    lastActiveAt: new Date(at).toISOString(),
    expiresAt: new Date(at + 15 * MINUTE).toISOString(),
    heartbeat: HEARTBEATS[(session + turn) % HEARTBEATS.length] ?? "",
    policy: "p",
  };
}

function memory(): void {
  const before = heap();
  const watching = watcher();
  const startedAt = performance.now();
  for (let turn = 0; turn < BEATS; turn++)
    for (let session = 0; session < SESSIONS; session++) watching.see(beat(session, turn));
  const each = (1_000 * (performance.now() - startedAt)) / (BEATS * SESSIONS);
  const bytes = heap() - before;
  console.log(
    `${SESSIONS} sessions, ${BEATS} heartbeats each: ${(bytes / 2 ** 20).toFixed(0)} MiB, ${(bytes / SESSIONS).toFixed(0)} bytes a session`,
  );
  console.log(`a heartbeat's record: ${each.toFixed(1)} µs, with making it`);
  watching.see(beat(0, BEATS));
}

function heap(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

/** Each 500th record is a forged heartbeat of a session of its own. */
async function latency(): Promise<void> {
  const sentAt = new Map<string, number>();
  const took: number[] = [];
  const { see } = createLiveWatch({
    watcher: watcher(),
    logger: console,
    raise: ({ of }) => void took.push(performance.now() - (sentAt.get(of?.sid ?? "") ?? 0)),
  });
  const beganAt = performance.now();
  for (let sent = 0; sent < RATE * SECONDS; ) {
    const due = Math.min(RATE * SECONDS, Math.floor(((performance.now() - beganAt) / 1_000) * RATE));
    for (; sent < due; sent++) {
      const record = beat(sent % SESSIONS, 0);
      if (sent % 500 === 0) {
        sentAt.set(record.sid ?? "", performance.now());
        see({ ...record, type: "heartbeat_refused", code: "signature" });
      } else see(record);
    }
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await new Promise((resolve) => setTimeout(resolve, 500));
  took.sort((a, b) => a - b);
  const at = (share: number) => (took[Math.floor(share * (took.length - 1))] ?? Number.NaN).toFixed(1);
  console.log(
    `${took.length} alerts at ${RATE} records a second: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, at most ${at(1)} ms`,
  );
}

if (process.argv.includes("--measure")) {
  await latency();
  memory();
} else {
  const own = fileURLToPath(import.meta.url);
  const { status } = spawnSync(process.execPath, ["--expose-gc", "--import", "tsx", own, "--measure"], {
    stdio: "inherit",
  });
  process.exitCode = status ?? 1;
}
