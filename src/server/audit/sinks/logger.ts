/** An audit sink: any logger that has `info`. */
import { ConfigurationError } from "../../platform/errors.js";
import { auditLine } from "../audit-line.js";
import type { AuditRecord, AuditSink } from "../audit-record.js";

/** Of pino, winston, bunyan, `console` and the like. */
export interface InfoLogger {
  info(message: string | AuditRecord): unknown;
}

/**
 * Hands each record to the logger's `info`: as one line of JSON, or with `"object"` as it is, for loggers that keep members.
 * @throws ConfigurationError where there is no such logger, or another form
 */
export function loggerAudit(logger: InfoLogger, form: "text" | "object" = "text"): AuditSink {
  if (typeof Object(logger).info !== "function")
    throw new ConfigurationError("loggerAudit needs a logger with info(), such as pino() or console");
  if (form !== "text" && form !== "object")
    throw new ConfigurationError('loggerAudit\'s form must be "text" or "object"');
  return {
    async write(record) {
      await logger.info(form === "text" ? auditLine(record) : record);
    },
  };
}
