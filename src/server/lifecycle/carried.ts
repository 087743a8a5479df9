/** A session that another app of its group has kept alive: what its record is then, and what the audit trail says of it. */
import { carriersOf, deadlinesOf } from "../../session/deadlines.js";
import { warnAtOf } from "../../session/machine.js";
import type { SharedBeat } from "../record/group.js";
import type { SessionTerms } from "../record/outcome.js";
import { nextChange, type SessionRecord } from "../record/session.js";
import type { ServerContext } from "./context.js";

interface Carried {
  readonly record: SessionRecord;
  /** Tells the audit trail of each heartbeat that counted, and pages that have begun to warn: once the record is written. */
  tell(now: number): void;
}

/**
 * The record as the heartbeats of the group make it; null where none of them counts. The absolute deadline stays.
 * @param terms what the session lives by
 * @param until nothing counts that was accepted after it
 */
export function carriedBy(
  { policy, audit, signals }: ServerContext,
  { record, terms }: { readonly record: SessionRecord; readonly terms: SessionTerms },
  beats: readonly SharedBeat[],
  until: number,
): Carried | null {
  const { times, endsAt: expiresAt, warningPeriod } = terms;
  const carriers = carriersOf(times, beats, { now: until, enforceFromAt: policy.enforceFromAt });
  const newest = carriers.at(-1);
  if (newest === undefined) return null;
  const { idleTimeout, absoluteTimeout } = times;
  const first = nextChange(record);
  const next: SessionRecord = {
    ...record,
    idleTimeout,
    absoluteTimeout,
    lastActiveAt: newest.activeAt,
    // Of media alone the app's own input decides, whatever the others have heard.
    lastInputAt: record.lastInputAt ?? record.lastActiveAt,
    changes: first + carriers.length - 1,
  };
  return {
    record: next,
    tell(now) {
      for (const [at, { app, at: acceptedAt, activeAt, heartbeat }] of carriers.entries())
        audit.record("session_carried", now, record, {
          change: first + at,
          lastActiveAt: activeAt,
          expiresAt: deadlinesOf({ ...next, lastActiveAt: activeAt }).expiresAt,
          idleTimeout,
          absoluteTimeout,
          carriedBy: app,
          acceptedAt,
          heartbeatHash: heartbeat,
        });
      if (now >= warnAtOf({ expiresAt, warningPeriod })) signals.changed(record.sid);
    },
  };
}
