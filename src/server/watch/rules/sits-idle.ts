/** `sits-idle`: a person's sessions are begun and hardly used. */
import type { AuditRecord } from "../../audit/audit-record.js";
import { addOccurrence, type Occurrences } from "../occurrences.js";
import { bySubject, evidenceOf, type Seen, watchRule } from "../rule.js";

interface Ends {
  /** Of sessions that were hardly used. */
  readonly idle: Occurrences | undefined;
  /** Of all others. */
  readonly used: Occurrences | undefined;
}

export const sitsIdle = watchRule<"sits-idle", Ends>({
  name: "sits-idle",
  severity: "notice",
  scope: "subject",
  reads: ["session_expired", "session_logout", "session_revoked", "session_replaced"],
  key: bySubject,
  step(state, seen, { sessions, within, activity, share }, terms) {
    const { record, at } = seen;
    // A rule of the policy gives it more time than everybody has: a display, not a desk.
    if ((record.idleTimeout ?? 0) > terms.idleTimeout) return null;
    const add = (of: Occurrences | undefined, isIt: boolean) =>
      isIt ? addOccurrence(of, seen, within) : trimmed(of, seen, within);
    const isIdle = wasHardlyUsed(record, activity);
    const next = { idle: add(state?.idle, isIdle), used: add(state?.used, !isIdle) };
    const { ats = [], seqs = [] } = next.idle ?? {};
    const all = ats.length + (next.used?.ats.length ?? 0);
    if (!isIdle || ats.length < sessions || ats.length < share * all) return { state: next };
    const [since = at] = ats;
    const because = `${ats.length} of ${all} sessions were hardly used before they ran out`;
    return { state: next, finding: { since, count: ats.length, evidence: evidenceOf(seqs), because } };
  },
});

function wasHardlyUsed({ type, reason, startedAt, lastActiveAt }: AuditRecord, activity: number): boolean {
  if (type !== "session_expired" || reason !== "idle") return false;
  if (startedAt === undefined || lastActiveAt === undefined) return false;
  return Date.parse(lastActiveAt) - Date.parse(startedAt) < activity;
}

function trimmed(state: Occurrences | undefined, { at }: Seen, within: number): Occurrences | undefined {
  const from = state?.ats.findIndex((one) => one > at - within) ?? -1;
  return state === undefined || from < 0
    ? undefined
    : { ats: state.ats.slice(from), seqs: state.seqs.slice(from) };
}
