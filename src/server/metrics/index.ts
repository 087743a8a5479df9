/** `curfew/server/metrics`: what a dashboard shows of the verifier. */

export type { OpenTelemetryMeter, PrometheusClient } from "./instruments.js";
export {
  type CountOptions,
  openTelemetryMetrics,
  prometheusMetrics,
  type SessionMetrics,
} from "./metrics.js";
