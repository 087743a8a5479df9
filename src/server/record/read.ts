/**
 * The one reader of records: whatever a store kept, by this release or by one beside it, becomes a record here or is
 * refused. What is refused is never taken for "no session", and one odd record does not spoil a list of others.
 *
 * Two releases run side by side on one store while a new one is rolled out, so neighbouring versions read each other:
 * - A new member is optional, has an entry in `schemas.ts`, and needs no new version. A release that does not know it keeps it.
 * - A new version makes members required that were optional in the version before, and changes nothing else. So the
 *   release before reads it too, and the reader here fills in what a record of the version before lacks.
 */
import * as v from "valibot";
import { isText } from "../../protocol/members.js";
import { UnreadableRecordError } from "../platform/errors.js";
import { remembering } from "../platform/recent.js";
import { attribute, sessionSchema, subjectSchema } from "./schemas.js";
import { RECORD_VERSION, type SessionRecord } from "./session.js";
import { SUBJECT_VERSION, type SubjectRecord } from "./subject.js";

/**
 * Reads what a store kept of a session. Members that this release does not know stay in the record.
 * @param kept the record, or its JSON text
 * @throws UnreadableRecordError for a version or a shape that this release does not know: 503 for that session alone
 */
export function readSessionRecord(kept: unknown): SessionRecord {
  return readSession(kept, () => sessionSchema);
}

/** The same for a state of a record of which another state has been read: what is alike in both is not read again. */
export function readChangedRecord(kept: unknown, before: SessionRecord): SessionRecord {
  return readSession(kept, (value) =>
    schemaOfMembers(MEMBERS.filter((member) => value[member] !== before[member]).join(" ")),
  );
}

const MEMBERS = Object.keys(sessionSchema.entries) as (keyof SessionRecord)[];

/** The members that change together are few: those of a heartbeat, of an end. */
const schemaOfMembers = remembering(100, (members) =>
  v.object(
    Object.fromEntries(
      MEMBERS.filter((member) => members.split(" ").includes(member)).map((member) => [
        member,
        sessionSchema.entries[member],
      ]),
    ),
  ),
);

function readSession(
  kept: unknown,
  schemaFor: (value: Readonly<Record<string, unknown>>) => v.GenericSchema<unknown>,
): SessionRecord {
  const value = withoutUnnameable(parsed(kept, "a session"));
  const { sid } = value;
  const what = typeof sid === "string" ? `the session ${sid}` : "a session";
  return read<SessionRecord>(schemaFor(value), value, { what, version: RECORD_VERSION });
}

/**
 * The releases before let through roles that are no texts and attributes that are neither text, number, true nor false,
 * such as a database's null. No rule can name one, so they are left out.
 */
function withoutUnnameable(value: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { roles, attributes } = value;
  const roleList: readonly unknown[] = Array.isArray(roles) ? roles : [];
  const isObject = typeof attributes === "object" && attributes !== null && !Array.isArray(attributes);
  const pairs = isObject ? Object.entries(attributes) : [];
  const [roleTexts, named] = [roleList.filter(isText), pairs.filter(([, one]) => v.is(attribute, one))];
  if (roleTexts.length === roleList.length && named.length === pairs.length) return value;
  return {
    ...value,
    ...(Array.isArray(roles) ? { roles: roleTexts } : {}),
    ...(isObject ? { attributes: Object.fromEntries(named) } : {}),
  };
}

/**
 * Reads what a store kept of a subject. Members that this release does not know stay in the record.
 * @param kept the record, or its JSON text
 * @throws UnreadableRecordError for a version or a shape that this release does not know
 */
export function readSubjectRecord(kept: unknown): SubjectRecord {
  // Without the subject's name: it may be an e-mail address, and this goes to the log.
  return read<SubjectRecord>(subjectSchema, parsed(kept, "a subject"), {
    what: "a subject",
    version: SUBJECT_VERSION,
  });
}

/** Reads one entry of a list. An error that says it cannot be read is the answer, so that the others are heard. */
export function readListed<Entry>(read: () => Entry): Entry | UnreadableRecordError {
  try {
    return read();
  } catch (error) {
    if (error instanceof UnreadableRecordError) return error;
    throw error;
  }
}

function parsed(kept: unknown, what: string): Readonly<Record<string, unknown>> {
  let value = kept;
  try {
    if (typeof kept === "string") value = JSON.parse(kept);
  } catch {
    throw new UnreadableRecordError(what, "it is no JSON");
  }
  if (typeof value !== "object" || value === null)
    throw new UnreadableRecordError(what, "it is no JSON object");
  return value as Readonly<Record<string, unknown>>;
}

function read<Kept extends { readonly v: number }>(
  schema: v.GenericSchema<unknown>,
  value: Readonly<Record<string, unknown>>,
  { what, version }: { readonly what: string; readonly version: number },
): Kept {
  const { v: keptVersion } = value;
  const app = typeof value.app === "string" ? value.app : null;
  const [oldest, newest] = [Math.max(1, version - 1), version + 1];
  if (!Number.isInteger(keptVersion) || Number(keptVersion) < oldest || Number(keptVersion) > newest) {
    const named = typeof keptVersion === "number" ? `version ${keptVersion}` : "no version";
    throw new UnreadableRecordError(
      what,
      `it is of ${named}, and this release reads ${oldest} to ${newest}: run the release that wrote it, or the one before`,
      app,
    );
  }
  const { issues } = v.safeParse(schema, value, { abortEarly: true });
  if (issues !== undefined)
    throw new UnreadableRecordError(
      what,
      `its member "${v.getDotPath(issues[0]) ?? ""}" is missing or of another type`,
      app,
    );
  // The value itself, and not the schema's copy, which leaves out attributes of some names.
  const record = value as unknown as Kept;
  // What is older is of this version once it has been read; what is newer stays so when it is written back.
  return record.v < version ? { ...record, v: version } : record;
}
