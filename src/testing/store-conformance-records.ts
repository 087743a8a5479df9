/** Records to put into a store that is being tried. */
import { RECORD_VERSION, type SessionRecord } from "../server/record/session.js";
import { SUBJECT_VERSION, type SubjectRecord } from "../server/record/subject.js";
import type { SessionPage, SessionStore } from "../server/stores/store.js";

export const IDLE_TIMEOUT = 60_000;
export const ABSOLUTE_TIMEOUT = 10 * IDLE_TIMEOUT;
export const APP = "conformance";
/** So that a busy machine keeps up. */
const AT_A_TIME = 50;

/** A session that begins at `now`. */
export function recordAt(now: number, sid: string, changes: Partial<SessionRecord> = {}): SessionRecord {
  return {
    v: RECORD_VERSION,
    app: APP,
    sid,
    subject: "ann@example.com",
    roles: [],
    secretHash: `hash-of-${sid}`,
    startedAt: now,
    authenticatedAt: now,
    lastActiveAt: now,
    idleTimeout: IDLE_TIMEOUT,
    absoluteTimeout: ABSOLUTE_TIMEOUT,
    policyName: "conformance",
    policyFingerprint: "none",
    key: null,
    bindUntil: now + IDLE_TIMEOUT,
    nonce: "first",
    lastHeartbeat: null,
    ended: null,
    revision: 0,
    ...changes,
  };
}

/** Puts a new session into the store. */
export async function inserted(
  store: SessionStore,
  sid: string,
  changes: Partial<SessionRecord> = {},
): Promise<SessionRecord> {
  const record = recordAt(await store.now(), sid, changes);
  await store.insert(record);
  return record;
}

/** Puts many new sessions into the store, some at a time. */
export async function insertedMany(
  store: SessionStore,
  sids: readonly string[],
): Promise<readonly SessionRecord[]> {
  const records: SessionRecord[] = [];
  for (let first = 0; first < sids.length; first += AT_A_TIME)
    records.push(
      ...(await Promise.all(sids.slice(first, first + AT_A_TIME).map((sid) => inserted(store, sid)))),
    );
  return records;
}

/** The sids of the live sessions of a subject, page by page, each once. */
export async function listed(
  store: SessionStore,
  { app, subject }: Pick<SessionRecord, "app" | "subject">,
  limit = 10,
): Promise<readonly string[]> {
  const sids = new Set<string>();
  let after: string | null = null;
  do {
    const { found, next }: SessionPage = await store.listBySubject(app, subject, after, limit);
    for (const { record } of found) sids.add(record.sid);
    after = next;
  } while (after !== null);
  return [...sids].sort();
}

export function subjectAt(now: number, changes: Partial<SubjectRecord> = {}): SubjectRecord {
  return {
    v: SUBJECT_VERSION,
    app: APP,
    subject: "ann@example.com",
    epoch: 0,
    revokedAt: null,
    places: [],
    purgeAt: now + ABSOLUTE_TIMEOUT,
    revision: 0,
    ...changes,
  };
}
