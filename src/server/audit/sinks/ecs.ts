/** Records as documents of the Elastic Common Schema. */
import { auditLine } from "../audit-line.js";
import type { AuditRecord } from "../audit-record.js";
import { meaningOf } from "./meaning.js";

/** The release of the schema that the fields are named after. */
const ECS_VERSION = "9.4.0";
const TYPES = { start: "start", end: "end", change: "info", refused: "info", told: "info" } as const;
const OUTCOMES = {
  start: "success",
  end: "success",
  change: "success",
  refused: "failure",
  told: "unknown",
} as const;

/** Fields of ECS; what it has none for stands below `curfew`, as the record has it. */
export function toEcs(record: AuditRecord): Readonly<Record<string, unknown>> {
  const { level, what } = meaningOf(record);
  const { at, type, app, seq, reason, code, subject, method, path } = record;
  return {
    "@timestamp": at,
    ecs: { version: ECS_VERSION },
    message: `${type}${reason === undefined ? "" : ` (${reason})`}`,
    event: {
      kind: level === "error" || level === "warning" ? "alert" : "event",
      category: subject === undefined ? ["configuration"] : ["authentication", "session"],
      type: [subject === undefined ? TYPES.told : TYPES[what]],
      action: type,
      outcome: OUTCOMES[what],
      dataset: "curfew.audit",
      module: "curfew",
      provider: "curfew",
      original: auditLine(record),
      ...(seq === undefined ? {} : { sequence: seq }),
      ...((reason ?? code) === undefined ? {} : { reason: reason ?? code }),
    },
    log: { level },
    service: { name: app, type: "curfew" },
    ...(subject === undefined ? {} : { user: { hash: subject }, related: { hash: [subject] } }),
    ...(method === undefined ? {} : { http: { request: { method } } }),
    ...(path === undefined ? {} : { url: { path } }),
    curfew: record,
  };
}
