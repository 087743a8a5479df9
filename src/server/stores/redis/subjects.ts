/** What is kept of subjects in Redis: one key each, changed by compare-and-set like a session. */
import { readSubjectRecord } from "../../record/read.js";
import type { FoundSubject, SessionStore } from "../store.js";
import { type RedisCaller, textOf } from "./caller.js";
import type { RedisKeys } from "./keys.js";
import { FIND, REPLACE_SUBJECT } from "./scripts.js";

export function redisSubjects(
  caller: RedisCaller,
  keys: RedisKeys,
): Pick<SessionStore, "findSubject" | "replaceSubject"> {
  return {
    findSubject: (app, subject) => foundSubjectAt(caller, keys.subjectRecord(app, subject)),
    async replaceSubject(record, revision) {
      const key = keys.subjectRecord(record.app, record.subject);
      const text = JSON.stringify({ ...record, revision: revision + 1 });
      const { values } = await caller.runConfirmed(
        REPLACE_SUBJECT,
        key,
        text,
        String(record.purgeAt),
        String(revision),
      );
      if (textOf(values[0]) !== "done") return "changed";
      // It says that all sessions were ended: that must not be lost either.
      await caller.confirm(key);
      return "done";
    },
  };
}

/** @param key of the subject's record */
export async function foundSubjectAt(caller: RedisCaller, key: string): Promise<FoundSubject> {
  const { now, values } = await caller.run(FIND, key);
  const text = textOf(values[0]);
  return { record: text === "" ? null : readSubjectRecord(text), now };
}
