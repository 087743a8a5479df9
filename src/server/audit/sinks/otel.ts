/** An audit sink: log records of OpenTelemetry, which the app's own provider batches and exports. */
import * as v from "valibot";
import { ConfigurationError, messageOf } from "../../platform/errors.js";
import { requireOptional } from "../../platform/optional.js";
import { readConfiguration } from "../../policy/configuration.js";
import type { AuditRecord, AuditSink } from "../audit-record.js";
import { type Level, meaningOf } from "./meaning.js";

/** What is used of a logger of `@opentelemetry/api-logs`. */
export interface OtelLogger {
  emit(record: {
    readonly timestamp: number;
    readonly severityNumber: number;
    readonly severityText: string;
    readonly eventName: string;
    readonly body: string;
    readonly attributes: Record<string, string | number | boolean>;
  }): void;
}

export interface OtelAuditOptions {
  /** Default: the logger `curfew` of the global provider, by the package `@opentelemetry/api-logs`. */
  readonly logger?: OtelLogger;
}

const schema = v.strictObject(
  {
    logger: v.exactOptional(
      v.custom<OtelLogger>(
        (value) => typeof Object(value).emit === "function",
        'must be a logger of OpenTelemetry, such as provider.getLogger("curfew")',
      ),
    ),
  } satisfies Record<keyof OtelAuditOptions, v.GenericSchema>,
  "must be an object",
);

/** OpenTelemetry's logs data model: severity numbers. */
const SEVERITY: Readonly<Record<Level, number>> = { info: 9, notice: 10, warning: 13, error: 17 };
/** Its semantic conventions have two events of a session (status: development). */
const EVENTS = {
  start: "session.start",
  end: "session.end",
  change: null,
  refused: null,
  told: null,
} as const;

/**
 * Emits each record: its members are attributes `curfew.*`, `session.id` is the public id. The queue is the provider's.
 * @throws ConfigurationError where no logger is given and `@opentelemetry/api-logs` is not installed
 */
export function otelAudit(options: OtelAuditOptions = {}): AuditSink {
  const { logger = globalLogger() } = readConfiguration(schema, options, "otelAudit's options");
  return {
    write(record) {
      const { level, what } = meaningOf(record);
      logger.emit({
        timestamp: Date.parse(record.at),
        severityNumber: SEVERITY[level],
        severityText: level.toUpperCase(),
        eventName: EVENTS[what] ?? `curfew.${record.type}`,
        body: record.type,
        attributes: attributesOf(record),
      });
    },
  };
}

function attributesOf(record: AuditRecord): Record<string, string | number | boolean> {
  const own = Object.entries(record).map(([name, value]) => [
    `curfew.${name}`,
    Array.isArray(value) ? value.join(" ") : value,
  ]);
  const { sid } = record;
  return Object.fromEntries(sid === undefined ? own : [["session.id", sid] as const, ...own]);
}

function globalLogger(): OtelLogger {
  try {
    const api = requireOptional("@opentelemetry/api-logs") as {
      readonly logs: { getLogger(name: string): OtelLogger };
    };
    return api.logs.getLogger("curfew");
  } catch (error) {
    throw new ConfigurationError(
      `otelAudit needs a logger, or the package @opentelemetry/api-logs (npm install @opentelemetry/api-logs): ${messageOf(error)}`,
    );
  }
}
