/**
 * The heads of the nodes' signed logs, kept in the store: each node notes the others' in its own log. Whoever cuts one log, or
 * writes it anew, is found by what stands in the others.
 */
import type { LogHead } from "../audit/audit-record.js";
import type { AuditTrail } from "../audit/audit-trail.js";
import type { KeptHead } from "../record/nodes.js";

/** After so long the head of a log that nobody writes any more is forgotten: a day. */
const HEAD_PERIOD = 24 * 60 * 60_000;
/** Where each process begins a log of its own, there are many. */
const MOST_HEADS = 100;
/** A log's own note has some 200. */
const LONGEST_NOTE = 4_000;

interface NotedHeads {
  /** Whether nothing is kept of this node's log, though it has a head. */
  isUnknown(kept: readonly KeptHead[]): boolean;
  /** What is to be kept: this node's head among the others', the newest first. */
  withOwn(kept: readonly KeptHead[], now: number): readonly KeptHead[];
  /** Notes in this node's log what is new in the others'. */
  note(kept: readonly KeptHead[], now: number): void;
}

export function createHeads(audit: Pick<AuditTrail, "head" | "record">): NotedHeads {
  /** What was last noted of each log. */
  const noted = new Map<string, number>();
  const keptOf = ({ origin, size, news, checkpoint }: LogHead, keptAt: number): KeptHead => ({
    origin,
    size,
    news,
    checkpoint,
    keptAt,
  });
  const signed = () => {
    const own = audit.head();
    return own === null || own.checkpoint === "" ? null : own;
  };
  return {
    isUnknown(kept) {
      const own = signed();
      return own !== null && !kept.some(({ origin }) => origin === own.origin);
    },
    withOwn(kept, now) {
      const own = signed();
      const others = kept.filter(
        ({ origin, keptAt }) => origin !== own?.origin && now < keptAt + HEAD_PERIOD,
      );
      return own === null ? others : [keptOf(own, now), ...others].slice(0, MOST_HEADS);
    },
    note(kept, now) {
      const own = audit.head();
      // A trail without signatures vouches for nothing.
      if (own === null) return;
      for (const { origin, size, news, checkpoint } of kept) {
        // The notes of one log are no news for the other: else each would make the other's, for ever.
        if (origin === own.origin || noted.get(origin) === news || checkpoint.length > LONGEST_NOTE) continue;
        noted.set(origin, news);
        const [, , root = ""] = checkpoint.split("\n");
        audit.record("audit_checkpoint", now, null, { origin, size, root, checkpoint });
      }
    },
  };
}
