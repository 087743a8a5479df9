/** Runs the rules over records, one after the other, and says what they find: the same live and over an old trail. */
import type { AuditRecord } from "../audit/audit-record.js";
import { putRecent } from "../platform/recent.js";
import type { WatchRuleName, WatchThresholds } from "../policy/watch.types.js";
import { WATCH_RULES } from "../policy/watch-thresholds.js";
import type { Alert, AlertScope, Watcher } from "./alert.js";
import type { OpenRule, WatchedTerms } from "./rule.js";
import { RULES } from "./rules.js";

interface WatcherOptions {
  readonly terms: () => WatchedTerms;
  readonly watch: WatchThresholds;
  /** Default: all. */
  readonly rules?: readonly WatchRuleName[];
  /** So many sessions, and so many people, are kept at most of each rule: of more, those that were heard of last. */
  readonly capacity?: number;
}

/** Measured in docs/alerts.md. */
const CAPACITY = 100_000;

interface Running {
  readonly name: WatchRuleName;
  readonly open: OpenRule;
}

export function createWatcher(options: WatcherOptions): Watcher {
  const { watch, terms, rules = WATCH_RULES, capacity = CAPACITY } = options;
  const readers = new Map<string, Running[]>();
  for (const name of rules) {
    const running = { name, open: RULES[name].open(watch.rules, capacity) };
    for (const type of RULES[name].reads) readers.set(type, [...(readers.get(type) ?? []), running]);
  }
  const alertedAt = new Map<string, number>();
  /** Whether nothing was said of it within the quiet period. */
  const isNews = (name: WatchRuleName, { record, at }: { record: AuditRecord; at: number }) => {
    const key = `${name} ${whoseOf(RULES[name].scope, record)}`;
    const last = alertedAt.get(key);
    if (last !== undefined && at < last + watch.quiet) return false;
    putRecent(alertedAt, capacity, key, at);
    return true;
  };
  return {
    see(record) {
      const running = readers.get(record.type);
      if (running === undefined) return [];
      const seen = { record, at: Date.parse(record.at) };
      return running.flatMap(({ name, open }) => {
        const finding = open.see(seen, terms());
        if (finding === null || !isNews(name, seen)) return [];
        const { severity, scope } = RULES[name];
        return {
          ...finding,
          rule: name,
          severity,
          at: seen.at,
          seq: record.seq ?? null,
          of: ofWhom(scope, record),
        };
      });
    },
  };
}

function whoseOf(scope: AlertScope, { sid = "", subject = "" }: AuditRecord): string {
  return scope === "session" ? sid : scope === "subject" ? subject : "";
}

function ofWhom(scope: AlertScope, { sid, subject }: AuditRecord): Alert["of"] {
  return scope === "app" || sid === undefined || subject === undefined ? null : { sid, subject };
}
