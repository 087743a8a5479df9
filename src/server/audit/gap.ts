/** Records that a sink could not take: how many, and which, so that they can be sent again from a signed log. */
import type { AuditRecord } from "./audit-record.js";

interface Gap {
  /** Counts a record that is lost here. */
  lose(record: AuditRecord): void;
  /** How many are lost since the last mark. */
  readonly count: number;
  /** What stands in their place; null where nothing is lost. It is told once. */
  mark(): AuditRecord | null;
}

export function createGap(): Gap {
  let count = 0;
  let first: number | undefined;
  let last: AuditRecord | null = null;
  return {
    lose(record) {
      // A mark that is lost stands for as many as it told of.
      count += record.type === "audit_gap" ? (record.count ?? 1) : 1;
      first ??= record.firstSeq ?? record.seq;
      last = record;
    },
    get count() {
      return count;
    },
    mark() {
      if (last === null) return null;
      const { v, at, app, policy, seq, lastSeq = seq } = last;
      const numbers = first === undefined || lastSeq === undefined ? {} : { firstSeq: first, lastSeq };
      const mark: AuditRecord = { v, at, type: "audit_gap", app, count, ...numbers, policy };
      count = 0;
      first = undefined;
      last = null;
      return mark;
    },
  };
}
