/**
 * Writes the audit trail's record of each end that has taken effect, whatever breaks in between. That it is still to be
 * written stands in the tombstone, in the same change: where the store's answer came too late, or the process was killed
 * before the record, whoever sweeps next writes it.
 */
import type { AuditTrail } from "../audit/audit-trail.js";
import type { EndedSession } from "../record/outcome.js";
import type { UnrecordedEnd } from "../record/session.js";
import type { SessionStore } from "../stores/store.js";
import { changeTombstone } from "./change-tombstone.js";
import type { EndRecords } from "./context.js";
import { AUDIT_TYPES } from "./tombstone.js";

/** By then the process that has written the end has written its record too, or never will. */
const LEASE_PERIOD = 10_000;

export function createEndRecords(store: SessionStore, audit: AuditTrail): EndRecords {
  const running = new Set<Promise<void>>();
  const tell = (
    { record, end }: Pick<EndedSession, "record" | "end">,
    { nextAt, ...kept }: UnrecordedEnd,
    late: { readonly late?: true } = {},
  ) => {
    const { at, idleTimeout, absoluteTimeout, ...said } = kept;
    const { authenticatedAt, lastActiveAt, changes } = record;
    const { reason, endedAt } = end;
    audit.by(said).record(AUDIT_TYPES[end.reason], at, record, {
      ...(changes === undefined ? {} : { change: changes }),
      reason,
      endedAt,
      authenticatedAt,
      lastActiveAt,
      idleTimeout,
      absoluteTimeout,
      ...late,
    });
    // Where the store is away it is told once more, and the trail has it twice.
    const work: Promise<void> = changeTombstone(store, record, (now) => ({ ...now, unrecorded: null }))
      .catch(() => {})
      .then(() => void running.delete(work));
    running.add(work);
  };
  return {
    first: (trail, { idleTimeout, absoluteTimeout }, now) => ({
      unrecorded: { nextAt: now + LEASE_PERIOD, at: now, idleTimeout, absoluteTimeout, ...trail.said() },
    }),
    deliver(ended) {
      const { unrecorded } = ended.record;
      if (unrecorded) tell(ended, unrecorded);
    },
    async retry(record, now) {
      const { unrecorded, ended } = record;
      if (!unrecorded || ended === null || now < unrecorded.nextAt) return;
      const claimed = { ...record, unrecorded: { ...unrecorded, nextAt: now + LEASE_PERIOD } };
      const { outcome } = await store.replace(claimed, { revision: record.revision });
      if (outcome !== "done") return;
      tell({ record: { ...claimed, revision: record.revision + 1 }, end: ended }, unrecorded, { late: true });
    },
    async settled() {
      await Promise.all(running);
    },
  };
}
