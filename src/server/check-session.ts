/** The check behind the guard: a read that never extends, and the decision what the app may go on with. */

import { deadlinesOf } from "../session/deadlines.js";
import type { Policy } from "./policy.js";
import type { SessionRecord } from "./session-record.js";
import { timesOf } from "./session-record.js";
import type { LiveSession } from "./settle-session.js";

/** What an app sees of a live session. Instants are server milliseconds. */
export interface Session {
  readonly sid: string;
  readonly subject: string;
  readonly roles: readonly string[];
  readonly startedAt: number;
  readonly authenticatedAt: number;
  readonly lastActiveAt: number;
  readonly idleExpiresAt: number;
  readonly absoluteExpiresAt: number;
  readonly expiresAt: number;
}

export function sessionOf(record: SessionRecord, policy: Policy): Session {
  const times = timesOf(record, policy);
  const { idleExpiresAt, absoluteExpiresAt, expiresAt } = deadlinesOf(times);
  return {
    sid: record.sid,
    subject: record.subject,
    roles: record.roles,
    startedAt: record.startedAt,
    authenticatedAt: times.authenticatedAt,
    lastActiveAt: times.lastActiveAt,
    idleExpiresAt,
    absoluteExpiresAt,
    expiresAt,
  };
}

/** Whether the authentication is more recent than `freshPeriod` milliseconds (RFC 9470 `max_age`). */
export function isFresh({ record, now }: LiveSession, freshPeriod: number): boolean {
  return now - record.authenticatedAt < freshPeriod;
}
