/** What a rule of the watch tells. */
import type { AuditRecord } from "../audit/audit-record.js";
import type { WatchRuleName } from "../policy/watch.types.js";

/** How urgent: look in the morning, look today, look now. */
export type AlertSeverity = "notice" | "warning" | "error";

/** Of whom an alert speaks: one a quiet period. */
export type AlertScope = "session" | "subject" | "app";

/** What a rule has found. Instants are server milliseconds. */
export interface WatchFinding {
  /** Since when it goes on. */
  readonly since: number;
  /** How many events it rests on. */
  readonly count: number;
  /** The last of them, by their numbers in the signed log. */
  readonly evidence: readonly number[];
  /** What made it speak, in words that name nobody. */
  readonly because: string;
}

/** What a rule has found, of whom, and when. */
export interface Alert extends WatchFinding {
  readonly rule: WatchRuleName;
  readonly severity: AlertSeverity;
  readonly at: number;
  /** The record's that made the rule speak. */
  readonly seq: number | null;
  /** The session in which it was seen, and its person's pseudonym; null where it concerns the app as a whole. */
  readonly of: { readonly sid: string; readonly subject: string } | null;
}

export interface Watcher {
  /** Records come in the order of the trail. Alerts themselves are nothing to it. */
  see(record: AuditRecord): readonly Alert[];
}
