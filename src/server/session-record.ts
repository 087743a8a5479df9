/** What a store keeps of a session. Plain JSON; a change is a new record, never an edit. */
import type { PublicJwk } from "../protocol/key-binding.js";
import type { ActiveStatus } from "../protocol/session-status.js";
import { ACCEPTED_VERSIONS, PROTOCOL_VERSION } from "../protocol/version.js";
import {
  activityCouldExtend,
  deadlinesOf,
  type SessionTimes,
  stricterTimeouts,
} from "../session/deadlines.js";
import type { SessionEnd } from "../session/end.js";
import type { Policy } from "./policy.js";

/** The version of the record's shape; release N reads N − 1. */
export const RECORD_VERSION = 1;

/** How long a tombstone outlives the absolute deadline: 24 h. */
const TOMBSTONE_PERIOD = 24 * 60 * 60 * 1_000;

export interface EndNotice {
  readonly attempts: number;
  readonly nextAt: number;
}

export interface SessionRecord extends SessionTimes {
  readonly v: number;
  /** The app's name. */
  readonly app: string;
  readonly sid: string;
  readonly subject: string;
  readonly roles: readonly string[];
  /** SHA-256 of the cookie's secret; the secret itself is nowhere but in the browser. */
  readonly secretHash: string;
  readonly startedAt: number;
  readonly policyName: string;
  readonly policyFingerprint: string;
  readonly key: { readonly thumbprint: string; readonly jwk: PublicJwk } | null;
  /** Until when a key may be bound. */
  readonly bindUntil: number;
  /** What the next heartbeat or binding must carry. */
  readonly nonce: string;
  /** SHA-256 of the last accepted heartbeat: tells a browser's re-sent copy from an attack. */
  readonly lastHeartbeat: string | null;
  /** The end, once there is one. It stays. */
  readonly ended: SessionEnd | null;
  /** With an end that `onEnd` must still hear of: how often that was tried, and when it is tried next. */
  readonly notice?: EndNotice | null;
  /** Counts the changes; every write is a compare-and-set on it. */
  readonly revision: number;
}

/** The times that a check goes by: the stricter of what the session was given and what the policy says now. */
export function timesOf(record: SessionRecord, policy: Policy): SessionTimes {
  const { authenticatedAt, lastActiveAt } = record;
  return { authenticatedAt, lastActiveAt, ...stricterTimeouts(record, policy) };
}

/**
 * When the record is next due for the sweeper (its stored deadline, or the next notice of its end; null: never), and
 * until when it must be kept.
 */
export function keepingOf(record: SessionRecord): {
  readonly dueAt: number | null;
  readonly purgeAt: number;
} {
  const { expiresAt, absoluteExpiresAt } = deadlinesOf(record);
  const dueAt = record.ended === null ? expiresAt : (record.notice?.nextAt ?? null);
  return { dueAt, purgeAt: absoluteExpiresAt + TOMBSTONE_PERIOD };
}

/** The status that the wire shows of a live session at `now`. */
export function statusOf(
  record: SessionRecord,
  view: { readonly now: number; readonly policy: Policy; readonly signInUrl: string },
): ActiveStatus {
  const { now, policy, signInUrl } = view;
  const times = timesOf(record, policy);
  const { idleExpiresAt, absoluteExpiresAt, expiresAt } = deadlinesOf(times);
  const extendable = record.key !== null || now < record.bindUntil;
  return {
    v: PROTOCOL_VERSION,
    accepts: ACCEPTED_VERSIONS,
    name: record.app,
    sid: record.sid,
    status: "active",
    now,
    startedAt: record.startedAt,
    ...times,
    idleExpiresAt,
    absoluteExpiresAt,
    expiresAt,
    warningPeriod: policy.warningPeriod,
    heartbeatInterval: policy.heartbeatInterval,
    canExtend: extendable && activityCouldExtend(times),
    nonce: record.nonce,
    key: record.key?.thumbprint ?? null,
    signInUrl,
    policy: {
      name: policy.name,
      fingerprint: policy.fingerprint,
      dismissWarning: policy.dismissWarning,
      media: 0,
      automated: policy.automated,
      unsafeForTesting: policy.unsafeForTesting,
    },
  };
}
