/** `curfew/server/audit-sinks`: where audit records go besides files, and how they are written there. */
export { toCef } from "./cef.js";
export { toEcs } from "./ecs.js";
export { type HttpAuditOptions, httpAudit } from "./http.js";
export { type InfoLogger, loggerAudit } from "./logger.js";
export { toOcsf } from "./ocsf.js";
export { type OtelAuditOptions, type OtelLogger, otelAudit } from "./otel.js";
export type { QueuedSink } from "./queue.js";
export type { QueueOptions } from "./queue-options.js";
export { type ResendOptions, resendAudit } from "./resend.js";
export { type SyslogAuditOptions, syslogAudit } from "./syslog.js";
