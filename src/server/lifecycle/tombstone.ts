/** The record of a session that ends: with the end stands who is to be told of it, so that one write keeps both. */
import type { EndReason, SessionEnd } from "../../session/end.js";
import type { AuditType } from "../audit/audit-record.js";
import { nextChange, type SessionRecord } from "../record/session.js";
import type { ServerContext } from "./context.js";

/** What the trail calls an end. */
export const AUDIT_TYPES: Readonly<Record<EndReason, AuditType>> = {
  idle: "session_expired",
  absolute: "session_expired",
  "signed-out": "session_logout",
  revoked: "session_revoked",
  replaced: "session_replaced",
};

export function tombstoneOf(
  { notices, outbox }: Pick<ServerContext, "notices" | "outbox">,
  record: SessionRecord,
  ended: SessionEnd,
  now: number,
): SessionRecord {
  const told = { ...notices.first(now), ...outbox.first(record, now) };
  return { ...record, changes: nextChange(record), ended, ...told };
}
