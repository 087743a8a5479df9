/** Makes a session's records of input: heartbeats when the real client sends them, by the rules of `browser/heartbeat/sender.ts`. */
import type { AuditRecord } from "../../../src/server/audit/audit-record.js";
import { heartbeatOf, T0 } from "../support/records.js";
import type { Input } from "./people.js";

const MAX_COUNT = 999;

interface SessionOptions {
  readonly sid: string;
  readonly interval: number;
  readonly idleTimeout: number;
  readonly from: number;
}

/**
 * The first input after a quiet time is told at once, what follows when the interval is over: with the time of the last input
 * and the counts since. Ends where the idle timeout passes.
 * @returns the records, and how long the session lasted
 */
export function recordsOf(
  inputs: Iterable<Input>,
  { sid, interval, idleTimeout, from }: SessionOptions,
): { readonly records: readonly AuditRecord[]; readonly lasted: number } {
  const base = { v: 1, app: "app", sid, subject: `of ${sid}`, policy: "p" } as const;
  const instant = (at: number) => new Date(T0 + from + Math.round(at)).toISOString();
  const records: AuditRecord[] = [{ ...base, at: instant(0), type: "session_created" }];
  let counts: Record<string, number> = {};
  let beatAt = 0;
  let activeAt = 0;
  let heldAt: number | null = null;
  const beat = (at: number) => {
    activeAt = heldAt ?? activeAt;
    beatAt = at;
    heldAt = null;
    records.push({
      ...base,
      at: instant(at + 20),
      type: "session_renewed",
      intent: "activity",
      lastActiveAt: instant(activeAt),
      expiresAt: instant(activeAt + idleTimeout),
      heartbeat: heartbeatOf(counts),
    });
    counts = {};
  };
  for (const { at, kind, count } of inputs) {
    if (heldAt !== null && at > beatAt + interval) beat(beatAt + interval);
    if (at >= Math.max(activeAt, heldAt ?? 0) + idleTimeout) break;
    heldAt = Math.max(heldAt ?? 0, at);
    counts[kind] = Math.min(MAX_COUNT, (counts[kind] ?? 0) + count);
    if (at >= beatAt + interval) beat(at);
  }
  return { records, lasted: activeAt };
}
