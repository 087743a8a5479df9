/** One line of the audit trail. Event names follow the OWASP Logging Vocabulary where it has one. */
import type { EndReason } from "../../session/end.js";

/**
 * `session_created`, `session_renewed`, `session_expired` (idle, absolute), `session_logout`, `session_use_after_expire`
 * are OWASP's; the others are Curfew's own.
 */
export type AuditType =
  | "policy_in_force"
  | "policy_changed"
  | "policy_drift"
  | "session_created"
  | "key_bound"
  | "key_refused"
  | "session_renewed"
  | "session_carried"
  | "session_reauthenticated"
  | "session_expired"
  | "session_logout"
  | "session_revoked"
  | "session_replaced"
  | "session_use_after_expire"
  | "heartbeat_refused"
  | "heartbeat_duplicate"
  | "session_denied"
  | "idp_silent_sign_in"
  | "idp_logout"
  | "idp_logout_refused"
  | "session_context_changed"
  | "session_warned_early"
  | "session_updated"
  | "session_adopted"
  | "session_moved"
  | "step_up_required"
  | "step_up_proven"
  | "proof_refused"
  | "rate_limited"
  | "suspicious_activity"
  | "alert_raised"
  | "would_expire"
  | "would_refuse"
  | "end_notice_failed"
  | "outbox_dead"
  | "subject_forgotten"
  | "clock_stepped"
  | "audit_gap"
  | "audit_checkpoint"
  | "audit_torn"
  | "audit_silence"
  | "audit_closed";

/** What an event may say besides the members that every record has. */
export interface AuditDetails {
  /** How manieth change of the session this is that the trail tells of, from 1 on; in a whole trail none is missing. */
  readonly change?: number;
  /** How the session ended. */
  readonly reason?: EndReason;
  /** Instants are UTC texts (ISO 8601). */
  readonly endedAt?: string;
  readonly startedAt?: string;
  readonly lastActiveAt?: string;
  readonly expiresAt?: string;
  readonly authenticatedAt?: string;
  /** With `session_carried`: when the other app accepted the heartbeat. */
  readonly acceptedAt?: string;
  /** With `session_carried`: the app of the group whose person was active, and SHA-256 of the heartbeat, which its own trail has. */
  readonly carriedBy?: string;
  readonly heartbeatHash?: string;
  /** What the session lives by, in milliseconds. With `session_renewed`: where they are others than before. */
  readonly idleTimeout?: number;
  readonly absoluteTimeout?: number;
  /** SHA-256 of the nonce that the next binding or heartbeat must carry, where a chain of them begins. */
  readonly nonce?: string;
  /** The accepted key binding itself: it holds the public key. */
  readonly binding?: string;
  /** With `policy_in_force`: the policy as canonical JSON; its SHA-256 is the fingerprint. */
  readonly document?: string;
  /** With `policy_changed`: the fingerprints of the policy that was in force last, and of the one that is from now on. */
  readonly fromPolicy?: string;
  readonly toPolicy?: string;
  /** Whether anything of it is looser for anybody; absent where that cannot be told. */
  readonly looser?: boolean;
  /** With `policy_drift`: a node that has another policy or deployment, and the fingerprint of it. */
  readonly node?: string;
  readonly holds?: string;
  /** With an end: it was written by whoever swept, since nobody had said that it was written; the trail may have it twice. */
  readonly late?: true;
  /** The store did not say in time whether the change took effect; the next record of the session tells. */
  readonly unconfirmed?: true;
  /** With `audit_checkpoint`: the name of another node's log, how many records it had, its tree's root, and the signed note. */
  readonly origin?: string;
  readonly size?: number;
  readonly root?: string;
  readonly checkpoint?: string;
  /** Which rule refused. */
  readonly code?: string;
  /** The accepted heartbeat itself. */
  readonly heartbeat?: string;
  /** With a binding and a heartbeat: the random bytes of the nonce that followed, so each signature commits to the one before. */
  readonly random?: string;
  /** The bound key's thumbprint. */
  readonly key?: string;
  readonly intent?: string;
  readonly automated?: boolean;
  /** With a stale heartbeat: SHA-256 of the nonce that it carries, and whether the bound key has signed it. */
  readonly staleNonce?: string;
  readonly signed?: boolean;
  /** How many such events this record stands for, where it stands for several. */
  readonly count?: number;
  /** With `audit_gap`: the first and the last record of the signed log that are missing here, where they have numbers. */
  readonly firstSeq?: number;
  readonly lastSeq?: number;
  /** The rules' networks that the request came from. */
  readonly networks?: string;
  /** What was called: with `step_up_proven` and `proof_refused`. */
  readonly method?: string;
  readonly path?: string;
  /** Milliseconds that the store's clock stepped by. */
  readonly step?: number;
  /** Who acted, where somebody did: what the call says, else `app`, `person`, `idp` or `cli`. */
  readonly actor?: string;
  /** Why, in the words of whoever acted. */
  readonly note?: string;
  /** A keyed hash of the network and the family of the browser whose request it was. */
  readonly from?: string;
  /** With `alert_raised` (the rule also with `session_warned_early`, and with an alert that was told to nobody): which rule, how urgent, since when (with `policy_drift` too), on which records of the signed log it rests, and why. */
  readonly rule?: string;
  readonly severity?: "notice" | "warning" | "error";
  readonly since?: string;
  readonly evidence?: readonly number[];
  readonly because?: string;
}

export const AUDITED_INSTANTS = [
  "endedAt",
  "startedAt",
  "lastActiveAt",
  "expiresAt",
  "authenticatedAt",
  "acceptedAt",
  "since",
] as const;
type AuditedInstant = (typeof AUDITED_INSTANTS)[number];

/** The same as the rules tell it: instants in server milliseconds. */
export type AuditFacts = Omit<AuditDetails, AuditedInstant> & { readonly [Name in AuditedInstant]?: number };

export interface AuditRecord extends AuditDetails {
  readonly v: 1;
  /** The record's place in the signed log, from 0; absent where the trail has none. */
  readonly seq?: number;
  /** When, in UTC (ISO 8601, milliseconds). */
  readonly at: string;
  readonly type: AuditType;
  /** The app's name. */
  readonly app: string;
  /** The session's public id; absent where no session is concerned. */
  readonly sid?: string;
  /** A keyed hash of the subject: the same person has the same value, and nobody reads who it is. */
  readonly subject?: string;
  readonly policy: string;
  readonly unsafeForTesting?: true;
  /** The policy only observes: nothing ends by time yet. */
  readonly enforced?: false;
}

/** A signed log as it was signed last. */
export interface LogHead {
  /** The log's name. */
  readonly origin: string;
  /** How many records it has. */
  readonly size: number;
  /** The last of them that is no note of another log's head. */
  readonly news: number;
  /** The signed note; empty where nothing is signed yet. */
  readonly checkpoint: string;
}

/** Where records go. `write` may be called again before an earlier promise has settled. */
export interface AuditSink {
  /** What somebody should mend though the sink works, for the log; null where there is nothing. Asked at start. */
  warning?(): Error | null;
  /** Called once at start: what the sink tells here goes to the log. It is for what concerns no single record. */
  onTrouble?(tell: (trouble: unknown) => void): void;
  write(record: AuditRecord): void | Promise<void>;
  /** Whether nothing may happen now, since it could not be recorded: every call is answered 503 meanwhile. */
  isRefusing?(): boolean;
  /** A sink that numbers records: it is written first, by this, and the others are given what it returns. */
  append?(record: AuditRecord): AuditRecord;
  /** The head that a signed log has signed last. */
  head?(): LogHead;
  /** How many bytes a record's line may have; absent: as many as it likes. */
  readonly longestLine?: number;
  close?(): void | Promise<void>;
}
