/** Records of a trail, made by hand: what a rule reads, and nothing else. */
import type { AuditRecord, AuditType } from "../../../src/server/audit/audit-record.js";
import type { WatchRuleName, WatchThresholds } from "../../../src/server/policy/watch.types.js";
import { DEFAULT_WATCH } from "../../../src/server/policy/watch-thresholds.js";
import type { Alert } from "../../../src/server/watch/alert.js";
import { createWatcher } from "../../../src/server/watch/watcher.js";

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
export const T0 = Date.parse("2026-03-02T00:00:00Z");

export const HOME = "home".padEnd(43, "0");
export const ELSEWHERE = "elsewhere".padEnd(43, "0");

type Details = Partial<Omit<AuditRecord, "v" | "at" | "type">>;

/** A trail that a test writes; each record has the next number. */
export function trail() {
  const records: AuditRecord[] = [];
  return {
    records,
    /** @param at milliseconds after the beginning */
    add(type: string, at: number, details: Details = {}): AuditRecord {
      const record: AuditRecord = {
        v: 1,
        seq: records.length,
        at: new Date(T0 + at).toISOString(),
        type: type as AuditType,
        app: "app",
        sid: "s1",
        subject: "ann",
        policy: "p",
        ...details,
      };
      records.push(record);
      return record;
    },
  };
}

export const iso = (at: number): string => new Date(T0 + at).toISOString();

interface Counts {
  readonly pointer?: number;
  readonly key?: number;
  readonly touch?: number;
  readonly wheel?: number;
  readonly media?: number;
  readonly other?: number;
}

/** A heartbeat's text, unsigned: a rule reads its counts. */
export function heartbeatOf(counts: Counts): string {
  const payload = { counts: { pointer: 0, key: 0, touch: 0, wheel: 0, media: 0, other: 0, ...counts } };
  return `e30.${Buffer.from(JSON.stringify(payload)).toString("base64url")}.AA`;
}

interface Watching {
  readonly rules?: readonly WatchRuleName[];
  readonly watch?: WatchThresholds;
}

export function alertsOf(
  records: readonly AuditRecord[],
  { rules, watch = DEFAULT_WATCH }: Watching = {},
): readonly Alert[] {
  const terms = { idleTimeout: 15 * MINUTE, warningPeriod: 2 * MINUTE };
  const watcher = createWatcher({ watch, terms: () => terms, ...(rules === undefined ? {} : { rules }) });
  return records.flatMap((record) => watcher.see(record));
}
