/** Records as events of the Open Cybersecurity Schema Framework (OCSF 1.8). */
import type { AuditRecord } from "../audit-record.js";
import { type Level, meaningOf } from "./meaning.js";

const OCSF_VERSION = "1.8.0";
const LOGON = 1;
const LOGOFF = 2;
const OTHER = 99;
const SEVERITY: Readonly<Record<Level, number>> = { info: 1, notice: 2, warning: 3, error: 4 };
const AUTHENTICATION = {
  class_uid: 3002,
  class_name: "Authentication",
  category_uid: 3,
  category_name: "Identity & Access Management",
};
const BASE = { class_uid: 0, class_name: "Base Event", category_uid: 0, category_name: "Uncategorized" };
const STATUS = { start: 1, end: 1, change: 1, refused: 2, told: null } as const;

/** A record of a session is of the class *Authentication*, any other one a *Base Event*. The whole record is `unmapped`. */
export function toOcsf(record: AuditRecord): Readonly<Record<string, unknown>> {
  const { level, what } = meaningOf(record);
  const { at, app, type, sid, subject, count, reason, code, seq, actor, note } = record;
  const isOfSession = sid !== undefined && subject !== undefined;
  const activity = !isOfSession ? OTHER : what === "start" ? LOGON : what === "end" ? LOGOFF : OTHER;
  const kind = isOfSession ? AUTHENTICATION : BASE;
  const status = STATUS[what];
  return {
    ...kind,
    activity_id: activity,
    activity_name: activity === OTHER ? type : activity === LOGON ? "Logon" : "Logoff",
    type_uid: kind.class_uid * 100 + activity,
    severity_id: SEVERITY[level],
    time: Date.parse(at),
    message: type,
    ...(count === undefined ? {} : { count }),
    ...(status === null ? {} : { status_id: status }),
    ...((reason ?? code) === undefined ? {} : { status_code: reason ?? code }),
    ...(note === undefined ? {} : { status_detail: note }),
    metadata: {
      version: OCSF_VERSION,
      product: { name: "Curfew", vendor_name: "Curfew" },
      log_name: "audit",
      event_code: type,
      ...(seq === undefined ? {} : { sequence: seq }),
    },
    ...(isOfSession ? sessionOf(record, sid, subject, app) : {}),
    ...(actor === undefined || !isOfSession ? {} : { actor: { user: { name: actor } } }),
    unmapped: record,
  };
}

function sessionOf(record: AuditRecord, sid: string, subject: string, app: string) {
  const { startedAt, expiresAt, endedAt = expiresAt, reason } = record;
  return {
    service: { name: app },
    user: { uid: subject, type_id: 1 },
    session: {
      uid: sid,
      issuer: app,
      ...(startedAt === undefined ? {} : { created_time: Date.parse(startedAt) }),
      ...(endedAt === undefined ? {} : { expiration_time: Date.parse(endedAt) }),
      ...(reason === undefined ? {} : { expiration_reason: reason }),
    },
  };
}
