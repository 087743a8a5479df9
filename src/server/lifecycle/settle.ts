/**
 * The one place that decides whether a session lives. Whichever call first sees that a deadline has passed writes the
 * tombstone before it answers; an ended session never comes back.
 */
import type { SessionTimes } from "../../session/deadlines.js";
import { type EndReason, isByTime, type SessionEnd } from "../../session/end.js";
import { recordThinned } from "../audit/thinned.js";
import { StoreUnavailableError } from "../platform/errors.js";
import type { EndedSession, LiveSession, SessionTerms, SettledSession } from "../record/outcome.js";
import { nextChange, type SessionRecord } from "../record/session.js";
import { actorOf, endingOf, type SubjectEnding, type SubjectRecord } from "../record/subject.js";
import type { Found } from "../stores/store.js";
import { actingFor } from "./acting.js";
import { carriedBy } from "./carried.js";
import type { ServerContext, SharedState } from "./context.js";
import { rememberTimedOut } from "./timed-out.js";
import { termsOf } from "./times.js";
import { tombstoneOf } from "./tombstone.js";
import { type Confirmation, UNCONFIRMED, unlessUnknown } from "./unconfirmed.js";

/** How often a decision is taken anew because another write came first. */
const ATTEMPTS = 16;

/**
 * What has become of the session that was found; null where its record is gone.
 * @param networks the rules' networks that the request came from; absent: no request asks
 */
export async function settleSession(
  context: ServerContext,
  found: Found,
  networks?: readonly string[],
): Promise<SettledSession | null> {
  let current: Found | null = found;
  for (let attempt = 0; attempt < ATTEMPTS && current !== null; attempt++) {
    const decided = await decide(context, current, networks);
    if (decided !== null) return decided;
    current = await context.store.find(found.record.sid);
  }
  if (current === null) return null;
  throw new StoreUnavailableError("the session kept changing while its end was being written");
}

/** Null where another write came first. */
async function decide(
  context: ServerContext,
  { record, subject, now }: Found,
  networks: readonly string[] = record.networks ?? [],
): Promise<SettledSession | null> {
  if (record.ended !== null) return { status: "ended", record, end: record.ended, now };
  // A deadline passes, and another app is used, by itself: whoever finds that out has not done it.
  const nobodys = () => actingFor(context, {});
  const shared = record.group === undefined ? null : ((await context.group?.of(record, now)) ?? null);
  const together = firstOf([await endedTogether(context, record, subject), shared?.ending ?? null]);
  const carried = shared && carriedUntil(nobodys(), record, shared, Math.min(now, together?.endedAt ?? now));
  if (carried !== null) {
    await writeLive(context, carried.record, now, () => carried.tell(now));
    return null;
  }
  if (together !== null) {
    const terms = termsOf(record, context.policy);
    const end = endWith(terms, together);
    const by = isByTime(end) ? {} : actorOf(together);
    return writeEnd(actingFor(context, by), record, { ...end, times: terms.times }, now);
  }
  const terms = termsOf(record, context.policy, networks);
  const { cause, expiresAt, endsAt, times } = terms;
  const changes = nextChange(record);
  if (now >= endsAt) return writeEnd(nobodys(), record, { reason: cause, endedAt: endsAt, times }, now);
  if (now >= expiresAt && record.observed?.expiresAt !== expiresAt)
    return writeLive(
      context,
      { ...record, changes, observed: { expiresAt, until: endsAt } },
      now,
      (confirmation) =>
        nobodys().audit.record("would_expire", now, record, {
          change: changes,
          reason: cause,
          endedAt: expiresAt,
          ...confirmation,
        }),
    );
  if (sameTexts(record.networks ?? [], networks)) return { status: "active", record, terms, now };
  const seen: SessionRecord = { ...record, networks };
  const { idleTimeout, absoluteTimeout } = times;
  const told = { networks: networks.join(" ") };
  if (idleTimeout === record.idleTimeout && absoluteTimeout === record.absoluteTimeout)
    return writeLive(context, seen, now, () =>
      recordThinned(context, "session_context_changed", now, record, told),
    );
  // Timeouts get stricter only, so this is no flood.
  return writeLive(context, { ...seen, idleTimeout, absoluteTimeout, changes }, now, (confirmation) =>
    context.audit.record("session_context_changed", now, record, {
      change: changes,
      ...told,
      idleTimeout,
      absoluteTimeout,
      expiresAt,
      ...confirmation,
    }),
  );
}

function carriedUntil(context: ServerContext, record: SessionRecord, { beats }: SharedState, until: number) {
  if (beats.length === 0) return null;
  return carriedBy(context, { record, terms: termsOf(record, context.policy) }, beats, until);
}

/** The moment at which this session ended with the subject's others, or with everybody's; null where it goes on. */
async function endedTogether(
  { everybody }: ServerContext,
  record: SessionRecord,
  subject: SubjectRecord | null,
): Promise<SubjectEnding | null> {
  const own = endingOf(record, record.epoch, subject);
  return firstOf([own, endingOf(record, record.everybodyEpoch, await everybody.known())]);
}

function firstOf(endings: readonly (SubjectEnding | null)[]): SubjectEnding | null {
  return endings.reduce((first, one) =>
    first === null || (one && one.endedAt < first.endedAt) ? one : first,
  );
}

/** A deadline that had passed by that moment is the end that is found. */
function endWith({ cause, endsAt }: SessionTerms, { reason, endedAt }: SubjectEnding): SessionEnd {
  return endedAt < endsAt ? { reason, endedAt } : { reason: cause, endedAt: endsAt };
}

async function writeLive(
  context: ServerContext,
  next: SessionRecord,
  now: number,
  audit: (confirmation: Confirmation) => void,
): Promise<LiveSession | null> {
  const { outcome } = await unlessUnknown(
    () => context.store.replace(next, { revision: next.revision }),
    () => audit(UNCONFIRMED),
  );
  if (outcome !== "done") return null;
  audit({});
  return written(context, next, now);
}

/** The same for what a store answered: null also where it found nothing, or a session of another app. */
export async function settleFound(
  context: ServerContext,
  found: Found | null,
  networks?: readonly string[],
): Promise<SettledSession | null> {
  return found?.record.app === context.app ? settleSession(context, found, networks) : null;
}

/** What has become of a session of this app by now; null where its record is gone. */
export async function currentSession(context: ServerContext, sid: string): Promise<SettledSession | null> {
  return settleFound(context, await context.store.find(sid));
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
    const done = await write(current);
    if (done !== null) return done;
    current = await currentSession(context, session.record.sid);
  }
  throw new StoreUnavailableError("the session kept changing while it was being written");
}

/** Writes `next` if nothing has changed and the session still lives; null where that is not so any more. */
export async function replaceLive(
  context: ServerContext,
  { record: { revision }, terms }: LiveSession,
  next: SessionRecord,
): Promise<LiveSession | null> {
  const { outcome, now } = await context.store.replace(next, { revision, before: terms.endsAt });
  return outcome === "done" ? written(context, next, now) : null;
}

/** The session that a write of `next` has made. */
function written({ policy, signals }: ServerContext, next: SessionRecord, now: number): LiveSession {
  const record = { ...next, revision: next.revision + 1 };
  const live: LiveSession = { status: "active", record, terms: termsOf(record, policy), now };
  signals.written(live);
  return live;
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
  return session && whileLive(context, session, (live) => endNow(context, live, reason));
}

async function endNow(
  context: ServerContext,
  { record, terms }: LiveSession,
  reason: EndReason,
): Promise<EndedSession | null> {
  const now = await context.store.now();
  return writeEnd(context, record, { reason, endedAt: now, times: terms.times }, now, terms.endsAt);
}

/** @param times what the session lived by when it ended */
async function writeEnd(
  context: ServerContext,
  record: SessionRecord,
  { times, ...end }: SessionEnd & { readonly times: SessionTimes },
  now: number,
  before?: number,
): Promise<EndedSession | null> {
  // Before the tombstone: a crash in between forgets nothing.
  if (isByTime(end)) await rememberTimedOut(context, record, end);
  const unrecorded = context.endRecords.first(context.audit, times, now);
  const tombstone = { ...(await tombstoneOf(context, record, end, now)), ...unrecorded };
  const expected = { revision: record.revision, ...(before === undefined ? {} : { before }) };
  const { outcome } = await context.store.replace(tombstone, expected);
  if (outcome !== "done") return null;
  const ended: EndedSession = {
    status: "ended",
    record: { ...tombstone, revision: record.revision + 1 },
    end,
    now,
  };
  context.endRecords.deliver(ended);
  context.unbound.ended(record, end, now);
  context.signals.ended(record.sid, end);
  for (const told of [context.notices, context.outbox]) told.deliver(ended);
  return ended;
}

function sameTexts(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, at) => text === b[at]);
}
