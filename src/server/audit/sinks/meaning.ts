/** What each record means to whoever watches: one table for all formats. */
import type { AuditRecord, AuditType } from "../audit-record.js";

/** How urgent: as in RFC 5424 `info` (6), `notice` (5), `warning` (4), `error` (3). */
export type Level = "info" | "notice" | "warning" | "error";

interface Meaning {
  readonly level: Level;
  /** `start` and `end` of a session, `refused`: something was asked for and not given. */
  readonly what: "start" | "end" | "change" | "refused" | "told";
}

const of = (what: Meaning["what"], level: Level = "info"): Meaning => ({ what, level });

export const MEANINGS: Readonly<Record<AuditType, Meaning>> = {
  policy_in_force: of("told"),
  policy_changed: of("told", "notice"),
  policy_drift: of("told", "warning"),
  session_created: of("start"),
  session_adopted: of("start"),
  session_moved: of("change"),
  session_carried: of("change"),
  session_reauthenticated: of("start"),
  key_bound: of("change"),
  key_refused: of("refused", "warning"),
  session_renewed: of("change"),
  session_warned_early: of("change", "notice"),
  session_updated: of("change"),
  session_context_changed: of("change", "notice"),
  session_expired: of("end"),
  session_logout: of("end"),
  session_revoked: of("end", "notice"),
  session_replaced: of("end"),
  session_use_after_expire: of("refused", "notice"),
  session_denied: of("refused", "notice"),
  heartbeat_refused: of("refused", "warning"),
  heartbeat_duplicate: of("told", "notice"),
  step_up_required: of("refused"),
  step_up_proven: of("change"),
  proof_refused: of("refused", "warning"),
  rate_limited: of("refused", "notice"),
  suspicious_activity: of("told", "warning"),
  alert_raised: of("told", "warning"),
  would_expire: of("told"),
  would_refuse: of("told"),
  end_notice_failed: of("told", "error"),
  outbox_dead: of("told", "error"),
  idp_silent_sign_in: of("refused", "notice"),
  idp_logout: of("told"),
  idp_logout_refused: of("refused", "warning"),
  subject_forgotten: of("told", "notice"),
  clock_stepped: of("told", "warning"),
  audit_gap: of("told", "error"),
  audit_checkpoint: of("told"),
  audit_torn: of("told", "warning"),
  audit_silence: of("told"),
  audit_closed: of("told"),
};

/** An alert is as urgent as its rule says. */
export function meaningOf({ type, severity }: Pick<AuditRecord, "type" | "severity">): Meaning {
  return severity === undefined ? MEANINGS[type] : { ...MEANINGS[type], level: severity };
}
