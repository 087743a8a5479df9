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

export async function tombstoneOf(
  context: Pick<ServerContext, "notices" | "outbox" | "group" | "keepsToken">,
  record: SessionRecord,
  ended: SessionEnd,
  now: number,
): Promise<SessionRecord> {
  const { notices, outbox, keepsToken } = context;
  const { idpToken, ...rest } = record;
  // The session that took its place may come of the same one at the provider.
  const isReplaced = ended.reason === "replaced";
  const isTold = keepsToken === "refreshToken" && !isReplaced && (await isGroupOver(context, record, now));
  const token = isTold ? (idpToken ?? null) : null;
  // The browser needs it until it has been to the provider; else it has done its work.
  const kept = keepsToken === "idToken" && !isReplaced ? record : rest;
  const told = { ...notices.first(now), ...outbox.first(record, now, token) };
  return { ...kept, changes: nextChange(record), ended, ...told };
}

/** Other apps of the group may go on with the provider's session: then it is none of this one's to end. */
async function isGroupOver(
  { group }: Pick<ServerContext, "group">,
  record: SessionRecord,
  now: number,
): Promise<boolean> {
  if (record.idpToken === undefined || record.group === undefined || group === null) return true;
  return (await group.of(record, now)).ending !== null;
}
