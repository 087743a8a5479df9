/**
 * The list of a subject's sessions in Redis. A session is on it before its record is there, and comes off it after its
 * end; one that was left on it by a crash, or by an older release, comes off when the list is read.
 */
import { UnreadableRecordError } from "../../platform/errors.js";
import { keepingOf, type SessionRecord } from "../../record/session.js";
import type { FoundSession } from "../store.js";
import { listOf, type RedisCaller, textOf } from "./caller.js";
import type { RedisKeys } from "./keys.js";
import { DELIST, ENLIST, LIST } from "./scripts.js";

interface Page {
  readonly sessions: readonly FoundSession[];
  readonly next: string | null;
}

interface RedisSubjectList {
  add(record: SessionRecord): Promise<void>;
  remove(record: SessionRecord): Promise<void>;
  /** About `limit` of the live sessions; `after` is the cursor of ZSCAN. */
  page(app: string, subject: string, after: string | null, limit: number): Promise<Page>;
}

/** @param read reads a record; null where it is gone, an error where it cannot be read */
export function redisSubjectList(
  caller: RedisCaller,
  keys: RedisKeys,
  read: (sid: string) => Promise<FoundSession | UnreadableRecordError | null>,
): RedisSubjectList {
  return {
    async add({ sid, ...record }) {
      const { purgeAt } = keepingOf({ sid, ...record });
      await caller.run(ENLIST, keys.subject(record.app, record.subject), sid, String(purgeAt));
    },
    async remove({ app, subject, sid }) {
      await caller.run(DELIST, keys.subject(app, subject), sid);
    },
    async page(app, subject, after, limit) {
      const key = keys.subject(app, subject);
      const { values } = await caller.run(LIST, key, after ?? "0", String(limit));
      const next = textOf(values[0]);
      const found = await Promise.all(listOf(values[1]).map((sid) => read(textOf(sid))));
      const sessions = found.flatMap((one) =>
        one === null || one instanceof UnreadableRecordError ? [] : [one],
      );
      // A sid without a record may be one whose record is about to come.
      const over = sessions.filter(({ record }) => record.ended !== null).map(({ record: { sid } }) => sid);
      if (over.length > 0) await caller.run(DELIST, key, ...over);
      const isTheirs = ({ record }: FoundSession) => record.app === app && record.subject === subject;
      return {
        sessions: sessions.filter((one) => one.record.ended === null && isTheirs(one)),
        next: next === "0" ? null : next,
      };
    },
  };
}
