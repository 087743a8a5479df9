/** Audits the use of a session after its end: the first time at once, then at most once a minute with a count. */
import type { EndedSession } from "../record/outcome.js";
import type { AuditTrail } from "./audit-trail.js";
import type { Bursts } from "./bursts.js";

export function recordUseAfterEnd(
  { audit, bursts }: { readonly audit: AuditTrail; readonly bursts: Bursts },
  { record, end, now }: EndedSession,
): void {
  // By place: a poller in an open tab hides nobody who comes from elsewhere. A letter of the hash, so that a flood has bounds.
  const count = bursts.count(`use-after-end ${record.sid} ${audit.place()?.[0] ?? ""}`, now);
  if (count > 0) audit.record("session_use_after_expire", now, record, { reason: end.reason, count });
}
