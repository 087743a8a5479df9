/** Audits the use of a session after its end: the first time at once, then at most once a minute with a count. */
import type { ServerContext } from "../lifecycle/context.js";
import type { EndedSession } from "../record/outcome.js";

export interface UseAfterEnd {
  seen(session: EndedSession): void;
}

const QUIET_PERIOD = 60_000;
const CAPACITY = 10_000;

export function watchUseAfterEnd(context: ServerContext): UseAfterEnd {
  const bursts = new Map<string, { readonly auditedAt: number; count: number }>();
  return {
    seen({ record, end, now }) {
      const burst = bursts.get(record.sid);
      if (burst !== undefined && now < burst.auditedAt + QUIET_PERIOD) {
        burst.count++;
        return;
      }
      bursts.delete(record.sid);
      bursts.set(record.sid, { auditedAt: now, count: 0 });
      if (bursts.size > CAPACITY) bursts.delete(bursts.keys().next().value ?? "");
      context.audit.record("session_use_after_expire", now, record, {
        reason: end.reason,
        count: (burst?.count ?? 0) + 1,
      });
    },
  };
}
