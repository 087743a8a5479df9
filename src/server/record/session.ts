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

/** The record of an end that the audit trail may not have yet: what it says besides what stands in the session's record. */
export interface UnrecordedEnd {
  /** When whoever sweeps writes it, if nobody has said by then that it was written. */
  readonly nextAt: number;
  /** The time that it bears. */
  readonly at: number;
  readonly idleTimeout: number;
  readonly absoluteTimeout: number;
  readonly actor?: string;
  readonly note?: string;
  readonly from?: string;
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
  /** Empty once the person was forgotten. */
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
  /** With an end whose record the audit trail may not have yet; null once it has it. */
  readonly unrecorded?: UnrecordedEnd | null;
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
  /** What the audit trail calls the person, where each person has a key of their own; else the secret says it. */
  readonly pseudonym?: string;
  /** With an end: the person is to be forgotten once nobody must be told of it any more. */
  readonly forgotten?: true;
  /** The suspicion by which its warning opens early (policy `watch.warnEarly`): a person's answer takes it away. */
  readonly early?: { readonly rule: string; readonly at: number };
  /** How many changes of the session the audit trail tells of; absent where an older release began it. */
  readonly changes?: number;
  /** Counts the changes; every write is a compare-and-set on it. */
  readonly revision: number;
}

/** The session of a person who has shown that they are there: no suspicion of before holds its warning open. */
export function answered(record: SessionRecord): SessionRecord {
  if (record.early === undefined) return record;
  const { early: _, ...rest } = record;
  return rest;
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
  const { ended, notice, unrecorded, outbox = [] } = record;
  const { expiresAt, absoluteExpiresAt } = deadlinesOf(record);
  const liveUntil = record.observed?.expiresAt === expiresAt ? record.observed.until : expiresAt;
  const untoldAt = [notice?.nextAt ?? null, unrecorded?.nextAt ?? null, outboxDueAt(outbox)].reduce(
    earlierOf,
  );
  const dueAt = ended === null ? liveUntil : untoldAt;
  return { dueAt, purgeAt: Math.max(absoluteExpiresAt + TOMBSTONE_PERIOD, outboxKeptUntil(outbox)) };
}

function earlierOf(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}

/**
 * Whether the record says that the session has just ended; what is written of an end later only concerns who is told of
 * it. Where two are to be told it may be said twice, which harms nobody: it is for hints.
 */
export function isFreshEnd({ ended, notice, unrecorded, outbox }: SessionRecord): boolean {
  const isUntold = notice === undefined || notice?.attempts === 0;
  const isUnsent =
    outbox === undefined || (outbox.length > 0 && outbox.every(({ attempts }) => attempts === 0));
  return ended !== null && unrecorded !== null && isUntold && isUnsent;
}

/** Whether somebody must still be told of the end, and whose session it was. */
function isUntold({ notice, outbox = [] }: SessionRecord): boolean {
  return (notice ?? null) !== null || outbox.length > 0;
}

/** The tombstone of a person who is forgotten: it names nobody, as soon as nobody must be told of the end any more. */
export function forgotten(record: SessionRecord): SessionRecord {
  if (isUntold(record)) return { ...record, forgotten: true };
  const { ownId, idp, group, idpToken, forgotten: _, ...rest } = record;
  return { ...rest, subject: "", roles: [], attributes: {} };
}

/** Whether it was the session of somebody who is forgotten. */
export function isNobodys({ subject }: Pick<SessionRecord, "subject">): boolean {
  return subject === "";
}
