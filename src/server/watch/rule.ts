/** What a rule of the watch is: a function of records and of what it has kept of earlier ones. Time comes with the records. */
import type { AuditRecord } from "../audit/audit-record.js";
import { putRecent } from "../platform/recent.js";
import type { WatchRuleName, WatchRules } from "../policy/watch.types.js";
import type { AlertScope, AlertSeverity, WatchFinding } from "./alert.js";

/** A record, and what is read of it once for all rules. */
export interface Seen {
  readonly record: AuditRecord;
  /** Server milliseconds. */
  readonly at: number;
}

/** What the policy in force says besides the thresholds, in milliseconds. */
export interface WatchedTerms {
  readonly idleTimeout: number;
  readonly warningPeriod: number;
}

/** What a rule keeps from now on, and what it has found. */
export interface Step<State> {
  readonly state: State;
  readonly finding?: WatchFinding | null;
}

export interface WatchRule {
  readonly severity: AlertSeverity;
  readonly scope: AlertScope;
  /** The types of records that it reads. */
  readonly reads: readonly string[];
  open(rules: WatchRules, capacity: number): OpenRule;
}

/** A rule with what it keeps. */
export interface OpenRule {
  see(seen: Seen, terms: WatchedTerms): WatchFinding | null;
}

/** More numbers say nothing more to whoever looks. */
const MOST_EVIDENCE = 20;

/** The numbers of the last records of a list, where the log gives them any. */
export function evidenceOf(seqs: readonly (number | null)[]): readonly number[] {
  return seqs.filter((seq) => seq !== null).slice(-MOST_EVIDENCE);
}

export function seqOf({ record }: Seen): number | null {
  return record.seq ?? null;
}

interface RuleParts<Name extends WatchRuleName, State> {
  readonly name: Name;
  readonly severity: AlertSeverity;
  readonly scope: AlertScope;
  readonly reads: readonly string[];
  /** Under what the state is kept; undefined: the record says nothing to the rule. */
  readonly key: (record: AuditRecord) => string | undefined;
  /**
   * @param state what the step before has returned; undefined at first, and where it was forgotten
   * @returns null where nothing changes
   */
  readonly step: (
    state: State | undefined,
    seen: Seen,
    limits: WatchRules[Name],
    terms: WatchedTerms,
  ) => Step<State> | null;
}

/** Keeps one state for each key, and of more than `capacity` the ones that were written last. */
export function watchRule<Name extends WatchRuleName, State>(rule: RuleParts<Name, State>): WatchRule {
  const { name, severity, scope, reads, key, step } = rule;
  return {
    severity,
    scope,
    reads,
    open(rules, capacity) {
      const states = new Map<string, State>();
      return {
        see(seen, terms) {
          const of = key(seen.record);
          if (of === undefined) return null;
          const next = step(states.get(of), seen, rules[name], terms);
          if (next === null) return null;
          putRecent(states, capacity, of, next.state);
          return next.finding ?? null;
        },
      };
    },
  };
}

export const bySession = ({ sid }: AuditRecord): string | undefined => sid;
export const bySubject = ({ subject }: AuditRecord): string | undefined => subject;
export const byApp = ({ app }: AuditRecord): string => app;
