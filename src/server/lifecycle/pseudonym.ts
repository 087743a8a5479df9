/**
 * What the audit trail calls a person who has a key of their own. The key stands in the subject's record alone; a session
 * carries the pseudonym itself, so no check and no heartbeat asks for it.
 */

import { keyedHash, randomText } from "../platform/secrets.js";
import type { SubjectRecord } from "../record/subject.js";
import { changeSubject } from "./change-subject.js";
import type { ServerContext } from "./context.js";

/** 9999-12-31, in milliseconds: `forget` alone takes a key. A person must not get a second pseudonym by staying away. */
const KEPT_UNTIL = 253_402_214_400_000;
const KEY_BYTES = 32;

/** Null where the person has no key. */
export function pseudonymOf(
  { secret }: Pick<ServerContext, "secret">,
  { subject, pseudonymKey }: Pick<SubjectRecord, "subject" | "pseudonymKey">,
): string | null {
  if (pseudonymKey === undefined) return null;
  return keyedHash(secret, JSON.stringify(["pseudonym", pseudonymKey, subject]));
}

/**
 * The pseudonym of somebody who signs in: the one that they have, or a new one. Of two nodes that make a key at once, one
 * is written, and both go by it.
 * @param known as it was just read
 */
export async function ensurePseudonym(
  context: ServerContext,
  subject: string,
  known: SubjectRecord | null,
): Promise<{ readonly pseudonym?: string }> {
  if (context.pseudonyms === "shared") return {};
  const has = known?.pseudonymKey !== undefined;
  const record = has ? known : await giveKey(context, subject);
  const pseudonym = pseudonymOf(context, record);
  return pseudonym === null ? {} : { pseudonym };
}

function giveKey(context: ServerContext, subject: string): Promise<SubjectRecord> {
  const key = randomText(KEY_BYTES);
  return changeSubject(context, { app: context.app, subject }, (record) =>
    record.pseudonymKey === undefined ? { ...record, pseudonymKey: key, purgeAt: KEPT_UNTIL } : null,
  );
}

/** The record without the key: it is kept no longer than another. */
export function withoutKey({ pseudonymKey, ...record }: SubjectRecord): SubjectRecord {
  return { ...record, purgeAt: 0 };
}

/** Whether the person was forgotten since a session began under this pseudonym. */
export function isOutdated(
  context: ServerContext,
  pseudonym: string | undefined,
  subject: SubjectRecord | null,
): boolean {
  return pseudonym !== undefined && (subject === null || pseudonymOf(context, subject) !== pseudonym);
}
