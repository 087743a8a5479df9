/** `never-bound`: sessions run out whose pages never bound a key, so nothing that people did there counted. */
import type { AuditRecord } from "../../audit/audit-record.js";
import { byApp, evidenceOf, seqOf, watchRule } from "../rule.js";

interface IdleEnd {
  readonly at: number;
  readonly seq: number | null;
  readonly isUnbound: boolean;
}

/** The end is the change after the beginning: no key was bound in between, and nothing counted. */
const END_OF_UNBOUND = 2;
const MOST_KEPT = 100;

export const neverBound = watchRule<"never-bound", readonly IdleEnd[]>({
  name: "never-bound",
  severity: "warning",
  scope: "app",
  reads: ["session_expired"],
  key: byApp,
  step(state = [], seen, { sessions, within, share }) {
    const { record, at } = seen;
    if (record.reason !== "idle") return null;
    const own = { at, seq: seqOf(seen), isUnbound: isUnbound(record) };
    const ends = [...state.filter((end) => end.at > at - within), own].slice(-MOST_KEPT);
    const unbound = ends.filter((end) => end.isUnbound);
    if (!own.isUnbound || unbound.length < sessions || unbound.length < share * ends.length)
      return { state: ends };
    const [{ at: since }] = [unbound[0] ?? own];
    const because = `${unbound.length} of the last ${ends.length} sessions that ran out never had a key`;
    const evidence = evidenceOf(unbound.map(({ seq }) => seq));
    return { state: ends, finding: { since, count: unbound.length, evidence, because } };
  },
});

function isUnbound({ change, startedAt = "", lastActiveAt = "" }: AuditRecord): boolean {
  return change === END_OF_UNBOUND && lastActiveAt <= startedAt;
}
