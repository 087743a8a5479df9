/**
 * Sessions in Redis. Pointers and lists are written before the record that they lead to, and taken away after it: a
 * crash in between leaves a pointer to nothing, never a session that nobody finds, and the record has the last word.
 */
import { UnreadableRecordError } from "../../platform/errors.js";
import { createSessionReader } from "../../record/reader.js";
import { isFreshEnd, keepingOf, type SessionRecord } from "../../record/session.js";
import type {
  Expected,
  Found,
  FoundSession,
  ReplaceOutcome,
  SessionStore,
  WarningListener,
} from "../store.js";
import { type RedisAnswer, type RedisCaller, textOf } from "./caller.js";
import { redisDue } from "./due.js";
import { redisEnds } from "./ends.js";
import { redisHints } from "./hints.js";
import type { RedisKeys } from "./keys.js";
import { CREATE, FIND, POINT, REPLACE, RESOLVE, UNPOINT } from "./scripts.js";
import { redisSubjectList } from "./subject-list.js";
import { foundSubjectAt } from "./subjects.js";

interface Sessions
  extends Pick<
    SessionStore,
    "insert" | "find" | "findBySecret" | "listBySubject" | "replace" | "due" | "endedSince"
  > {
  /** The record alone, of a list: an error where it cannot be read. */
  readListed(sid: string): Promise<FoundSession | UnreadableRecordError | null>;
}

interface Replaced {
  readonly outcome: ReplaceOutcome;
  readonly now: number;
}

/** A record that is due this soon after it was made may have been taken off the list before it was there. */
const SOON = 10_000;

interface RedisSessionsOptions {
  /** Whether replicas must confirm ends and new secrets. */
  readonly confirms: boolean;
  readonly onWarning: WarningListener;
}

export function redisSessions(
  caller: RedisCaller,
  keys: RedisKeys,
  { confirms, onWarning }: RedisSessionsOptions,
): Sessions {
  const hints = redisHints();
  const reader = createSessionReader();
  const readListed = listed(read);
  const due = redisDue(caller, keys, { session: readListed, whole: listed(find) });
  const ends = redisEnds(caller, keys);
  const list = redisSubjectList(caller, keys, readListed);

  async function read(sid: string): Promise<FoundSession | null> {
    const { now, values } = await caller.run(FIND, keys.session(sid));
    const text = textOf(values[0]);
    if (text === "") return null;
    const record = reader.read(sid, text);
    const isConfirmed = textOf(values[1]) === String(record.revision);
    // An end that was written and not confirmed may be seen only once it cannot be lost.
    if (confirms && record.ended !== null && !isConfirmed)
      await caller.confirmRecord(keys.session(sid), record.revision);
    return { record, now };
  }

  /** One of a list: the others go on where it cannot be read. */
  function listed<T>(one: (sid: string) => Promise<T>): (sid: string) => Promise<T | UnreadableRecordError> {
    return async (sid) => {
      try {
        return await one(sid);
      } catch (error) {
        if (!(error instanceof UnreadableRecordError)) throw error;
        onWarning(error);
        return error;
      }
    };
  }

  /** The session and its subject lie in two slots: where the subject is known, both are asked for at once. */
  async function find(sid: string): Promise<Found | null> {
    const hint = hints.subjectKeyOf(sid);
    const asked = hint === undefined ? null : foundSubjectAt(caller, hint);
    // Whichever of the two fails first is what the caller is told.
    asked?.catch(() => {});
    const found = await read(sid);
    if (found === null) return null;
    const { record } = found;
    const subjectKey = keys.subjectRecord(record.app, record.subject);
    const about = await (asked !== null && hint === subjectKey ? asked : foundSubjectAt(caller, subjectKey));
    hints.keep({ sid, secretHash: record.secretHash, subjectKey });
    return { record, subject: about.record, now: Math.max(found.now, about.now) };
  }

  async function findIfItsSecret(sid: string, secretHash: string): Promise<Found | null> {
    const found = await find(sid);
    return found?.record.secretHash === secretHash ? found : null;
  }

  function point({ secretHash, sid, ...record }: SessionRecord): Promise<RedisAnswer> {
    const { purgeAt } = keepingOf({ secretHash, sid, ...record });
    return caller.run(POINT, keys.secret(secretHash), sid, String(purgeAt));
  }

  async function unpoint(secretHash: string, sid: string): Promise<void> {
    await caller.run(UNPOINT, keys.secret(secretHash), sid);
  }

  async function write(record: SessionRecord, expected: Expected, prepared: boolean): Promise<RedisAnswer> {
    const { revision, before } = expected;
    const next = { ...record, revision: revision + 1 };
    const limits = [String(revision), before === undefined ? "" : String(before), prepared ? "1" : ""];
    const waits = confirms && (prepared || record.ended !== null);
    const run = waits ? caller.runConfirmed : caller.run;
    const key = keys.session(record.sid);
    const answer = await run(REPLACE, key, ...columnsOf(next), ...limits);
    if (waits && textOf(answer.values[0]) === "done") await caller.confirmRecord(key, next.revision);
    return answer;
  }

  async function settle(record: SessionRecord, { now, values }: RedisAnswer): Promise<Replaced> {
    const outcome = textOf(values[0]);
    if (outcome === "done" && isFreshEnd(record)) ends.add(record.app, record.sid);
    reader.written(record);
    await Promise.all([
      ...(textOf(values[2]) === "1" ? [due.advance(record)] : []),
      ...(outcome === "done" && record.ended !== null ? [list.remove(record)] : []),
    ]);
    return { outcome: outcome as ReplaceOutcome, now };
  }

  /** A new secret, or a longer life, is first written where it will be looked for. */
  async function move(record: SessionRecord, expected: Expected, oldSecret: string): Promise<Replaced> {
    const pointed = await point(record);
    if (textOf(pointed.values[0]) === "exists")
      throw new Error("the hash of a new cookie secret is that of another session");
    await list.add(record);
    const replaced = await settle(record, await write(record, expected, true));
    if (replaced.outcome === "done" && oldSecret !== record.secretHash) await unpoint(oldSecret, record.sid);
    return replaced;
  }

  return {
    find,
    readListed,
    async findBySecret(secretHash) {
      const hint = hints.sidOf(secretHash);
      const known = hint === undefined ? null : await findIfItsSecret(hint, secretHash);
      if (known !== null) return known;
      const { values } = await caller.run(RESOLVE, keys.secret(secretHash));
      const sid = textOf(values[0]);
      return sid === "" ? null : findIfItsSecret(sid, secretHash);
    },
    async insert(record) {
      const pointed = textOf((await point(record)).values[0]);
      if (pointed === "exists") return "exists";
      await Promise.all([...(record.ended === null ? [list.add(record)] : []), due.advance(record)]);
      const { now, values } = await caller.run(
        CREATE,
        keys.session(record.sid),
        ...columnsOf(record),
        String(record.revision),
      );
      const isMade = textOf(values[0]) === "done";
      if (!isMade && pointed === "done") await unpoint(record.secretHash, record.sid);
      if (isMade && (keepingOf(record).dueAt ?? Number.POSITIVE_INFINITY) < now + SOON)
        await due.advance(record);
      return isMade ? "done" : "exists";
    },
    async listBySubject(app, subject, after, limit) {
      const [{ sessions, next }, about] = await Promise.all([
        list.page(app, subject, after, limit),
        foundSubjectAt(caller, keys.subjectRecord(app, subject)),
      ]);
      const found = sessions.map(({ record, now }) => ({ record, subject: about.record, now }));
      return { found, next };
    },
    async replace(record, expected) {
      const answer = await write(record, expected, false);
      if (textOf(answer.values[0]) !== "prepare") return settle(record, answer);
      return move(record, expected, textOf(answer.values[1]));
    },
    due: due.list,
    endedSince: ends.since,
  };
}

/** In the order of the scripts. */
function columnsOf(record: SessionRecord): readonly string[] {
  const { dueAt, purgeAt } = keepingOf(record);
  return [JSON.stringify(record), record.secretHash, String(purgeAt), dueAt === null ? "" : String(dueAt)];
}
