/**
 * The one place that decides whether a session lives. Whichever call first sees that a deadline has passed writes the
 * tombstone before it answers; an ended session never comes back.
 */
import { deadlinesOf, isOver } from "../session/deadlines.js";
import type { EndReason, SessionEnd } from "../session/end.js";
import type { AuditType } from "./audit/audit-record.js";
import type { ServerContext } from "./context.js";
import { StoreUnavailableError } from "./errors.js";
import { type SessionRecord, timesOf } from "./session-record.js";
import type { Found } from "./stores/session-store.js";

export interface LiveSession {
  readonly status: "active";
  readonly record: SessionRecord;
  /** The store's time of the decision. */
  readonly now: number;
}

export interface EndedSession {
  readonly status: "ended";
  readonly record: SessionRecord;
  readonly end: SessionEnd;
  readonly now: number;
}

export type SettledSession = LiveSession | EndedSession;

/** How often a decision is taken anew because another write came first. */
const ATTEMPTS = 16;

const AUDIT_TYPES: Readonly<Record<EndReason, AuditType>> = {
  idle: "session_expired",
  absolute: "session_expired",
  "signed-out": "session_logout",
  revoked: "session_revoked",
  replaced: "session_replaced",
};

/** What has become of the session that was found; null where its record is gone. */
export async function settleSession(context: ServerContext, found: Found): Promise<SettledSession | null> {
  let current: Found | null = found;
  for (let attempt = 0; attempt < ATTEMPTS && current !== null; attempt++) {
    const { record, now }: Found = current;
    if (record.ended !== null) return { status: "ended", record, end: record.ended, now };
    const times = timesOf(record, context.policy);
    if (!isOver(times, now)) return { status: "active", record, now };
    const { cause, expiresAt } = deadlinesOf(times);
    const ended = await writeEnd(context, record, { reason: cause, endedAt: expiresAt }, now);
    if (ended !== null) return ended;
    current = await context.store.find(record.sid);
  }
  if (current === null) return null;
  throw new StoreUnavailableError("the session kept changing while its end was being written");
}

/** What has become of a session by now; null where its record is gone. */
export async function currentSession(context: ServerContext, sid: string): Promise<SettledSession | null> {
  const found = await context.store.find(sid);
  return found && settleSession(context, found);
}

/**
 * Changes a session for as long as it lives: `write` is called with the session as it is, again whenever another write
 * came first (null). Resolves with what came of it, with the end that was found instead, or with null where the record
 * is gone.
 * @param session as it was just read
 */
export async function whileLive<T extends object>(
  context: ServerContext,
  session: SettledSession,
  write: (live: LiveSession) => Promise<T | null>,
): Promise<T | EndedSession | null> {
  let current: SettledSession | null = session;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (current === null || current.status === "ended") return current;
    const written = await write(current);
    if (written !== null) return written;
    current = await currentSession(context, session.record.sid);
  }
  throw new StoreUnavailableError("the session kept changing while it was being written");
}

/**
 * Ends a session for a reason other than time; a deadline that has passed by then is the end that is found.
 * Null where its record is gone.
 */
export async function endSession(
  context: ServerContext,
  sid: string,
  reason: EndReason,
): Promise<EndedSession | null> {
  const session = await currentSession(context, sid);
  return session && whileLive(context, session, ({ record }) => endNow(context, record, reason));
}

async function endNow(
  context: ServerContext,
  record: SessionRecord,
  reason: EndReason,
): Promise<EndedSession | null> {
  const { expiresAt } = deadlinesOf(timesOf(record, context.policy));
  const now = await context.store.now();
  return writeEnd(context, record, { reason, endedAt: now }, now, expiresAt);
}

async function writeEnd(
  context: ServerContext,
  record: SessionRecord,
  end: SessionEnd,
  now: number,
  before?: number,
): Promise<EndedSession | null> {
  const tombstone: SessionRecord = { ...record, ended: end };
  const expected = { revision: record.revision, ...(before === undefined ? {} : { before }) };
  const { outcome } = await context.store.replace(tombstone, expected);
  if (outcome !== "done") return null;
  const endedAt = new Date(end.endedAt).toISOString();
  context.audit.record(AUDIT_TYPES[end.reason], now, record, { reason: end.reason, endedAt });
  return { status: "ended", record: tombstone, end, now };
}
