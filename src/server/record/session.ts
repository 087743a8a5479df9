/** What a store keeps of a session. Plain JSON; a change is a new record, never an edit. */
import type { PublicJwk } from "../../protocol/public-jwk.js";
import { deadlinesOf, type SessionTimes } from "../../session/deadlines.js";
import type { SessionEnd } from "../../session/end.js";
import { type OutboxMessage, outboxDueAt, outboxKeptUntil } from "./outbox.js";

/** The version of the record's shape; release N reads N − 1. */
export const RECORD_VERSION = 1;

/** How long a tombstone outlives the absolute deadline: 24 h. */
export const TOMBSTONE_PERIOD = 24 * 60 * 60 * 1_000;

export interface Challenge {
  readonly value: string;
  readonly expiresAt: number;
}

interface EndNotice {
  readonly attempts: number;
  readonly nextAt: number;
}

/** A session at the identity provider: `iss` and `sid` of its ID token (OpenID Connect Back-Channel Logout 1.0, section 2.1). */
export interface ProviderSession {
  readonly iss: string;
  readonly sid: string;
}

/** The sign-in that several apps share (`start(…, { group })`). */
export interface SharedSignIn {
  /** Under what the apps keep it: a hash of the group's name and of the sign-in's id. */
  readonly key: string;
  /** How often the group had been ended when the session began; absent where that could not be asked. */
  readonly epoch?: number;
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
  /** When the sign-in began, by the store's clock. */
  readonly startedAt: number;
  /** The subject's epoch, and everybody's, when the sign-in began; absent where an older release began it. */
  readonly epoch?: number;
  readonly everybodyEpoch?: number;
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
  /** What others must still be told of the session; empty once they were told. */
  readonly outbox?: readonly OutboxMessage[];
  /** What the app says of the subject, for the policy's rules. */
  readonly attributes?: Readonly<Record<string, string | number | boolean>>;
  /** Which of the rules' networks the last request came from. */
  readonly networks?: readonly string[];
  /** The longest time without activity since the authentication, as it was when activity came again. */
  readonly longestGap?: number;
  /** The last input that was not media alone. */
  readonly lastInputAt?: number;
  /** The heartbeats accepted since `startedAt`. */
  readonly beats?: { readonly startedAt: number; readonly count: number };
  /** How many reports of activity have followed each other at the same distance, in milliseconds. */
  readonly rhythm?: { readonly interval: number; readonly count: number };
  /** A deadline that passed while the policy only observed, and until when it does. */
  readonly observed?: { readonly expiresAt: number; readonly until: number };
  /** What proofs of single operations may carry, each once. */
  readonly challenges?: readonly Challenge[];
  /** The app's own id of the session, sealed (`identify`). */
  readonly ownId?: string;
  /** The provider's own session that the sign-in came of, where the app tells it. */
  readonly idp?: ProviderSession;
  /** The sign-in that other apps share, where the app names one. */
  readonly group?: SharedSignIn;
  /** What the provider must be given to end that, sealed; gone once it was. */
  readonly idpToken?: string;
  /** The session that the browser presented when this one began. */
  readonly previousSid?: string;
  /** The `authenticatedAt` that was claimed, where it lay ahead of the store's clock. */
  readonly claimedAt?: number;
  /** How many changes of the session the audit trail tells of; absent where an older release began it. */
  readonly changes?: number;
  /** Counts the changes; every write is a compare-and-set on it. */
  readonly revision: number;
}

/** The number of the next change that the audit trail tells of. */
export function nextChange({ changes = 0 }: Pick<SessionRecord, "changes">): number {
  return changes + 1;
}

/** The authentication that a session has, as it was claimed. */
export function claimOf({ claimedAt, authenticatedAt }: SessionRecord): number {
  return claimedAt ?? authenticatedAt;
}

/**
 * When the record is next due for the sweeper (its stored deadline, or the next time that its end is told; null: never),
 * and until when it must be kept.
 */
export function keepingOf(record: SessionRecord): {
  readonly dueAt: number | null;
  readonly purgeAt: number;
} {
  const { ended, notice, outbox = [] } = record;
  const { expiresAt, absoluteExpiresAt } = deadlinesOf(record);
  const liveUntil = record.observed?.expiresAt === expiresAt ? record.observed.until : expiresAt;
  const dueAt = ended === null ? liveUntil : earlierOf(notice?.nextAt ?? null, outboxDueAt(outbox));
  return { dueAt, purgeAt: Math.max(absoluteExpiresAt + TOMBSTONE_PERIOD, outboxKeptUntil(outbox)) };
}

function earlierOf(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}

/**
 * Whether the record says that the session has just ended; what is written of an end later only concerns who is told of
 * it. Where two are to be told it may be said twice, which harms nobody: it is for hints.
 */
export function isFreshEnd({ ended, notice, outbox }: SessionRecord): boolean {
  const isUntold = notice === undefined || notice?.attempts === 0;
  const isUnsent =
    outbox === undefined || (outbox.length > 0 && outbox.every(({ attempts }) => attempts === 0));
  return ended !== null && isUntold && isUnsent;
}
