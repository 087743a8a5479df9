/** Tries a store before its first use: one without an atomic compare-and-set would bring ended sessions back. */
import { ConfigurationError } from "../platform/errors.js";
import { randomText } from "../platform/secrets.js";
import type { Policy } from "../policy/policy.types.js";
import { newRecord } from "../record/new.js";
import { type SessionRecord, TOMBSTONE_PERIOD } from "../record/session.js";
import { newSubject } from "../record/subject.js";
import type { SessionPage, SessionStore } from "./store.js";

/** How many writers of one revision are let loose; exactly one of them may succeed. */
const WRITERS = 8;
/** An app of its own, so that nobody's list shows the record. */
const APP = "curfew-self-test";
/** How long the record is kept. */
const KEEP_PERIOD = 60_000;

/**
 * @param policy what records are made by
 * @throws ConfigurationError naming the promise that the store breaks
 */
export async function selfTest(store: SessionStore, policy: Policy): Promise<void> {
  await store.check?.();
  const now = await store.now();
  if (!Number.isSafeInteger(now) || now <= 0)
    throw broken(store, "its now() is no whole number of milliseconds");
  const record = probe(policy, now);
  const { sid } = record;
  if ((await store.replace(record, { revision: 0 })).outcome !== "missing")
    throw broken(store, "replace() of a record that does not exist must be `missing`, and must make none");
  if ((await store.insert(record)) !== "done" || (await store.insert(record)) !== "exists")
    throw broken(store, "insert() must be `done` once and `exists` after that");
  const writers = [...Array(WRITERS).keys()].map((nonce) =>
    store.replace({ ...record, nonce: String(nonce) }, { revision: 0 }),
  );
  const done = (await Promise.all(writers)).filter(({ outcome }) => outcome === "done").length;
  if (done !== 1)
    throw broken(store, `of ${WRITERS} writers of one revision ${done} succeeded, and exactly one may`);
  if ((await store.find(sid))?.record.revision !== 1)
    throw broken(store, "a record that was replaced must carry the next revision");
  if ((await store.replace(record, { revision: 1, before: now })).outcome !== "late")
    throw broken(store, "replace() at or after the instant `before` must be `late`");
  await trySubjects(store, record, now + KEEP_PERIOD);
}

/** A check compares a session with its subject: a store that answers without it would let revoked sessions pass. */
async function trySubjects(store: SessionStore, { app, subject, sid }: SessionRecord, purgeAt: number) {
  if ((await store.replaceSubject({ ...newSubject({ app, subject }), purgeAt }, 0)) !== "done")
    throw broken(store, "replaceSubject() of a subject of whom nothing is kept must be `done`");
  if ((await store.find(sid))?.subject?.revision !== 1)
    throw broken(store, "find() must answer with what is kept of the session's subject, as `subject`");
  const page: Partial<SessionPage> = await store.listBySubject(app, subject, null, 1);
  if (!Array.isArray(page.found) || page.found.length > 0 || page.next === undefined)
    throw broken(
      store,
      "listBySubject(app, subject, after, limit) must answer { found, next }, with sessions that have no end",
    );
}

/** A record that has ended, and that may be purged in a minute. */
function probe(policy: Policy, now: number): SessionRecord {
  const authenticatedAt = now - TOMBSTONE_PERIOD;
  const beginning = { now, epoch: 0, everybodyEpoch: 0 };
  const facts = {
    beginning,
    authenticatedAt,
    lastActiveAt: authenticatedAt,
    secret: randomText(32),
    networks: [],
    idleTimeout: KEEP_PERIOD,
    absoluteTimeout: KEEP_PERIOD,
  };
  return {
    ...newRecord(
      { app: APP, policy, secret: randomText(32), keepsToken: null },
      { subject: `${APP} ${randomText(16)}` },
      facts,
    ),
    ended: { reason: "revoked", endedAt: authenticatedAt },
  };
}

function broken(store: SessionStore, promise: string): ConfigurationError {
  return new ConfigurationError(
    `the ${store.name} store cannot keep sessions: ${promise}; curfew/store-conformance tests a store of your own`,
  );
}
