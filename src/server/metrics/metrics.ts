/** What is counted of the verifier: from its audit records and its store's calls. No label is a person's or a session's. */
import { isOver } from "../../session/deadlines.js";
import type { AuditRecord, AuditSink } from "../audit/audit-record.js";
import { MEANINGS } from "../audit/sinks/meaning.js";
import { every, systemClock } from "../platform/clock.js";
import type { SessionStore } from "../stores/store.js";
import {
  type Instruments,
  type OpenTelemetryMeter,
  openTelemetryInstruments,
  type PrometheusClient,
  prometheusInstruments,
} from "./instruments.js";

export interface CountOptions {
  /** The verifier's `name`. Default `curfew`. */
  readonly app?: string;
  /** How often, in milliseconds. Default 5 minutes: each time every record is read. */
  readonly interval?: number;
}

export interface SessionMetrics {
  /** One of the verifier's `audit` sinks: counts what it records. */
  readonly sink: AuditSink;
  /** The store, whose calls are measured: give it to the verifier in place of the other. */
  timed(store: SessionStore): SessionStore;
  /**
   * Counts the sessions of a store by state now and then: `bound`, `unbound` (without a key) and `ended` (kept so that none
   * comes back). It reads every record, so let one node do it. @returns what stops it
   */
  countSessions(store: SessionStore, options?: CountOptions): () => void;
}

/** An answer of the store is due within 200 ms. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1];
const COUNT_INTERVAL = 5 * 60_000;
const STATES = ["bound", "unbound", "ended"] as const;

/** What a request waits for. */
const CALLS = [
  "now",
  "insert",
  "find",
  "findBySecret",
  "listBySubject",
  "replace",
  "findSubject",
  "replaceSubject",
  "due",
] as const;

/**
 * Metrics for Prometheus, by the `prom-client` that the app has.
 * @param client the package: `import * as client from "prom-client"`
 * @example
 * const metrics = prometheusMetrics(client);
 * const sessions = createSessionVerifier({ policy, signInUrl, store: metrics.timed(store), audit: [log, metrics.sink] });
 */
export function prometheusMetrics(
  client: PrometheusClient,
  { register }: { readonly register?: object } = {},
): SessionMetrics {
  return metricsBy(prometheusInstruments(client, register));
}

/**
 * The same for OpenTelemetry.
 * @param meter the app's own: `metrics.getMeter("curfew")` of `@opentelemetry/api`
 */
export function openTelemetryMetrics(meter: OpenTelemetryMeter): SessionMetrics {
  return metricsBy(openTelemetryInstruments(meter));
}

function metricsBy(instruments: Instruments): SessionMetrics {
  const duration = instruments.histogram(
    "curfew_store_duration_seconds",
    "How long a call of the store took, by call and result.",
    ["call", "result"],
    BUCKETS,
  );
  const sessions = instruments.gauge(
    "curfew_sessions",
    "Sessions in the store by state, as they were counted last.",
    ["state"],
  );
  return {
    sink: { write: recordCounter(instruments) },
    timed: (store) => timedStore(store, duration),
    countSessions(store, { app = "curfew", interval = COUNT_INTERVAL } = {}) {
      const count = async () => {
        const counts = await statesIn(store, app).catch(() => null);
        // While it cannot be counted, the last count stands.
        if (counts !== null) for (const state of STATES) sessions({ state }, counts[state]);
      };
      void count();
      return every(interval, count);
    },
  };
}

/** Counts records: by type, and what of them is worth a name of its own. */
function recordCounter({ counter, gauge }: Instruments): (record: AuditRecord) => void {
  const events = counter("curfew_audit_events_total", "Audit records written, by type.", ["type"]);
  const ends = counter("curfew_session_ends_total", "Sessions that have ended, by reason.", ["reason"]);
  const renewals = counter("curfew_renewals_total", "Times that activity moved an idle deadline.", []);
  const refusals = counter("curfew_refusals_total", "What was asked for and refused, by type and code.", [
    "type",
    "code",
  ]);
  const alerts = counter("curfew_alerts_total", "Alerts of the watch, by rule.", ["rule"]);
  const policy = gauge("curfew_policy_info", "1 for the policy that this process runs.", ["fingerprint"]);
  return (record) => {
    const { type, reason, code, rule, count = 1 } = record;
    const { what } = MEANINGS[type];
    events({ type }, count);
    if (what === "end" && reason !== undefined) ends({ reason }, 1);
    if (type === "session_renewed") renewals({}, count);
    if (what === "refused") refusals({ type, code: code ?? "none" }, count);
    if (type === "alert_raised" && rule !== undefined) alerts({ rule }, 1);
    if (type === "policy_in_force") policy({ fingerprint: record.policy }, 1);
  };
}

async function statesIn(store: SessionStore, app: string): Promise<Record<(typeof STATES)[number], number>> {
  const counts = { bound: 0, unbound: 0, ended: 0 };
  const now = await store.now();
  for await (const record of store.all(app)) {
    const hasEnded = record.ended !== null || isOver(record, now);
    counts[hasEnded ? "ended" : record.key === null ? "unbound" : "bound"]++;
  }
  return counts;
}

function timedStore(store: SessionStore, duration: ReturnType<Instruments["histogram"]>): SessionStore {
  const { monotonic } = systemClock;
  return new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      const call = CALLS.find((one) => one === name);
      if (call === undefined) return member.bind(target);
      return async (...given: readonly unknown[]): Promise<unknown> => {
        const startedAt = monotonic();
        const tell = (result: string) => duration({ call, result }, (monotonic() - startedAt) / 1_000);
        try {
          const answer: unknown = await Reflect.apply(member, target, given);
          tell("ok");
          return answer;
        } catch (error) {
          tell("error");
          throw error;
        }
      };
    },
  });
}
