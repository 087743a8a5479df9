/** What an app sees of a live session. */
import { deadlinesOf } from "../../session/deadlines.js";
import type { Policy } from "../policy/policy.js";
import type { AttributeValue } from "../policy/policy.types.js";
import { endByTime, type SessionRecord, timesOf } from "../record/session.js";

/** A live session. Instants are server milliseconds. */
export interface Session {
  readonly sid: string;
  readonly subject: string;
  readonly roles: readonly string[];
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly startedAt: number;
  readonly authenticatedAt: number;
  readonly lastActiveAt: number;
  readonly idleExpiresAt: number;
  readonly absoluteExpiresAt: number;
  readonly expiresAt: number;
}

export function sessionOf(record: SessionRecord, policy: Policy): Session {
  const times = timesOf(record, policy);
  const { idleExpiresAt, absoluteExpiresAt } = deadlinesOf(times);
  return {
    sid: record.sid,
    subject: record.subject,
    roles: record.roles,
    attributes: record.attributes ?? {},
    startedAt: record.startedAt,
    authenticatedAt: times.authenticatedAt,
    lastActiveAt: times.lastActiveAt,
    idleExpiresAt,
    absoluteExpiresAt,
    expiresAt: endByTime(record, policy).endsAt,
  };
}
