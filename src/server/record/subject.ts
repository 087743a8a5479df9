/** What a store keeps of a subject besides its sessions: when all of them were ended, and who is about to sign in. */

import type { DeadlineCause } from "../../session/deadlines.js";

/** The version of the record's shape; release N reads N − 1. */
export const SUBJECT_VERSION = 1;

/** A sign-in that has taken its place among the subject's sessions. */
export interface Place {
  readonly sid: string;
  readonly takenAt: number;
}

/** An end by time, remembered beyond its session: a later sign-in must rest on an authentication since. */
export interface TimedOut {
  readonly sid: string;
  readonly reason: DeadlineCause;
  readonly endedAt: number;
  /** The authentication that the session had, as it was claimed: the same one again is none since. */
  readonly authenticatedAt: number;
  /** The session that the same browser had before. */
  readonly previousSid?: string;
}

export interface SubjectRecord {
  readonly v: number;
  readonly app: string;
  readonly subject: string;
  /** Counts the times that all sessions were ended: a sign-in that began before such a moment ends with them. */
  readonly epoch: number;
  /** When all sessions were last revoked; an authentication from before then starts no session. */
  readonly revokedAt: number | null;
  /** The sessions of the subject, kept only where the policy limits their number. */
  readonly places: readonly Place[];
  /** The newest ends by time, the oldest first. */
  readonly timedOut?: readonly TimedOut[];
  /** Until when the record must be kept. */
  readonly purgeAt: number;
  /** Counts the changes; every write is a compare-and-set on it. */
  readonly revision: number;
}
