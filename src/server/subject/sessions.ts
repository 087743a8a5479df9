/** The live sessions of one person, read a page at a time: no call of the store grows with their number. */
import type { ServerContext } from "../lifecycle/context.js";
import { settleSession } from "../lifecycle/settle.js";
import { type Session, sessionOf } from "../lifecycle/view.js";
import { StoreUnavailableError, UnreadableRecordError } from "../platform/errors.js";
import type { LiveSession, SettledSession } from "../record/outcome.js";
import { refuseNoText } from "./call-values.js";
import { refuseIllFormed } from "./well-formed.js";

const PAGE = 100;
/** How many sessions are settled at a time: writing an end takes some milliseconds on a disk. */
const AT_A_TIME = 10;

/** What has become of each session that has no end yet, each once. */
export async function* settledSessions(
  context: ServerContext,
  subject: string,
): AsyncGenerator<SettledSession> {
  const seen = new Set<string>();
  const read = (after: string | null) => context.store.listBySubject(context.app, subject, after, PAGE);
  let page = await read(null);
  for (;;) {
    const fresh = page.found.filter(({ record: { sid } }) => !seen.has(sid));
    for (const { record } of fresh) seen.add(record.sid);
    yield* settleEach(fresh, (found) => settleSession(context, found));
    const { next } = page;
    if (next === null) return;
    page = await read(next).catch((error: unknown) => onceMore(error, () => read(next)));
  }
}

/**
 * Settles some at a time. Where there are very many one answer of the store may be late, so each is asked for once more;
 * one after the other, for a store that is away must not be waited for by all of them.
 */
export async function* settleEach<T>(
  items: Iterable<T> | AsyncIterable<T>,
  settle: (item: T) => Promise<SettledSession | null>,
): AsyncGenerator<SettledSession> {
  let batch: T[] = [];
  const settled = async () => {
    const asked = batch;
    batch = [];
    const results = await Promise.allSettled(asked.map(settle));
    const sessions: SettledSession[] = [];
    for (const [at, item] of asked.entries()) {
      const result = results[at];
      const session =
        result?.status === "fulfilled" ? result.value : await onceMore(result?.reason, () => settle(item));
      if (session !== null) sessions.push(session);
    }
    return sessions;
  };
  try {
    for await (const item of items) {
      batch.push(item);
      if (batch.length >= AT_A_TIME) yield* await settled();
    }
  } finally {
    // Also where there is a last item that cannot be read.
    yield* await settled();
  }
}

/** @throws the error, unless it is one that may pass */
function onceMore<T>(error: unknown, work: () => Promise<T>): Promise<T> {
  if (!(error instanceof StoreUnavailableError) || error instanceof UnreadableRecordError) throw error;
  return work();
}

/** Runs to the end. */
export async function allOf<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** The live sessions of a subject, the oldest first. */
export async function liveSessions(context: ServerContext, subject: string): Promise<readonly LiveSession[]> {
  const settled = await allOf(settledSessions(context, subject));
  return settled
    .filter((session) => session.status === "active")
    .sort((a, b) => a.record.startedAt - b.record.startedAt);
}

export async function listSessions(context: ServerContext, subject: string): Promise<readonly Session[]> {
  refuseNoText("list() was given", "subject", subject);
  refuseIllFormed("list() was given", { subject });
  const live = await liveSessions(context, subject);
  return live.map(sessionOf);
}
