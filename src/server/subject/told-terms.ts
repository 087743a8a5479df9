/** What the audit trail is told where a session begins, or begins anew: all that a replay of its deadlines starts from. */
import { deadlinesOf } from "../../session/deadlines.js";
import type { AuditFacts } from "../audit/audit-record.js";
import { sha256 } from "../platform/secrets.js";
import type { SessionRecord } from "../record/session.js";

/** The nonce itself stays between server and browser: its hash is told. */
export function toldTerms(record: SessionRecord): AuditFacts {
  const { startedAt, authenticatedAt, lastActiveAt, idleTimeout, absoluteTimeout, nonce } = record;
  const { expiresAt } = deadlinesOf(record);
  return {
    ...toldChange(record),
    startedAt,
    authenticatedAt,
    lastActiveAt,
    idleTimeout,
    absoluteTimeout,
    expiresAt,
    nonce: sha256(nonce),
  };
}

/** The number of the change that made the record what it is. */
export function toldChange({ changes }: SessionRecord): Pick<AuditFacts, "change"> {
  return changes === undefined ? {} : { change: changes };
}
