/** What the sidecar counts, in the text format of Prometheus. */
import * as client from "prom-client";
import { prometheusMetrics, type SessionMetrics } from "../../server/metrics/metrics.js";

export interface Metrics extends Pick<SessionMetrics, "sink" | "timed"> {
  /** Measures a check and counts what came of it. */
  timeCheck<Result extends { readonly status: string }>(check: () => Promise<Result>): Promise<Result>;
  /** The content type and the text for `/metrics`. */
  page(): Promise<{ readonly type: string; readonly text: string }>;
}

/** A check is due within 250 ms, store failures included. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1];

/** @param storeAnswers asked at each reading of the page */
export function createMetrics(storeAnswers: () => Promise<boolean>): Metrics {
  const registry = new client.Registry();
  const registers = [registry];
  const checks = new client.Counter({
    name: "curfew_checks_total",
    help: "Requests checked, by result.",
    labelNames: ["result"],
    registers,
  });
  const duration = new client.Histogram({
    name: "curfew_check_duration_seconds",
    help: "How long a check took.",
    buckets: BUCKETS,
    registers,
  });
  new client.Gauge({
    name: "curfew_store_up",
    help: "Whether the store answers.",
    registers,
    async collect() {
      this.set((await storeAnswers()) ? 1 : 0);
    },
  });
  return {
    ...prometheusMetrics(client, { register: registry }),
    async timeCheck(check) {
      const stop = duration.startTimer();
      const result = await check();
      stop();
      checks.inc({ result: result.status });
      return result;
    },
    page: async () => ({ type: registry.contentType, text: await registry.metrics() }),
  };
}
