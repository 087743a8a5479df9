/** Audits what anybody with a session's cookie can make happen: a flood of it is one record a minute with a count. */
import type { AuditFacts, AuditType } from "./audit-record.js";
import type { AuditedSession, AuditTrail } from "./audit-trail.js";
import type { Bursts } from "./bursts.js";

/**
 * Events are alike where they have the same type, session and code (or networks).
 * @param costly what is found out at a cost: of those that are told alone
 */
export function recordThinned(
  { audit, bursts }: { readonly audit: AuditTrail; readonly bursts: Bursts },
  type: AuditType,
  now: number,
  { sid, subject, pseudonym }: AuditedSession,
  facts: AuditFacts,
  costly: () => AuditFacts = () => ({}),
): void {
  bursts.tell(JSON.stringify([type, sid, facts.code, facts.networks]), now, (count, at) => {
    const all = { ...facts, ...costly() };
    audit.record(type, at, { sid, subject, pseudonym }, count === 1 ? all : { ...all, count });
  });
}
