/** What is kept of subjects in PostgreSQL: one row each, changed by compare-and-set like a session. */
import { sha256 } from "../../platform/secrets.js";
import { readSubjectRecord } from "../../record/read.js";
import type { SessionStore } from "../store.js";
import type { PostgresCaller } from "./caller.js";
import type { PostgresStatements } from "./statements.js";

/** Hashed: a name may hold what a text of PostgreSQL cannot, be as long as it likes, and be an e-mail address. */
export function subjectKey(app: string, subject: string): string {
  return sha256(JSON.stringify([app, subject]));
}

export function postgresSubjects(
  run: PostgresCaller["run"],
  sql: PostgresStatements,
): Pick<SessionStore, "findSubject" | "replaceSubject"> {
  return {
    async findSubject(app, subject) {
      const { now, rows } = await run(sql.subject, subjectKey(app, subject));
      const kept = rows[0]?.columns[0] ?? null;
      return { record: kept === null ? null : readSubjectRecord(kept), now };
    },
    async replaceSubject(record, revision) {
      const { rows } = await run(
        revision === 0 ? sql.addSubject : sql.replaceSubject,
        subjectKey(record.app, record.subject),
        revision,
        record.purgeAt,
        JSON.stringify({ ...record, revision: revision + 1 }),
      );
      return rows[0]?.columns[0] === "1" ? "done" : "changed";
    },
  };
}
