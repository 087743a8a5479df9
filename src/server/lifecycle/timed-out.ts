/**
 * Remembers ends by time beyond their sessions, for each subject and for each session at the identity provider. Lists of
 * sessions are cut short and tombstones are purged; a sign-in from before the end is refused all the same.
 */
import type { EndByTime } from "../../session/end.js";
import { sha256 } from "../platform/secrets.js";
import { claimOf, type ProviderSession, type SessionRecord } from "../record/session.js";
import type { Place, SubjectRecord, TimedOut } from "../record/subject.js";
import { changeSubject } from "./change-subject.js";
import type { ServerContext } from "./context.js";

/** How many are kept of each: the newest counts, the others tell whose browser is whose. */
const MOST = 8;

/** Whose ends: a subject's, or those of a session at the provider. */
type Whose = { readonly subject: string } | { readonly idp: ProviderSession };

/** The ends by time that are remembered, the oldest first. */
export async function timedOutOf(context: ServerContext, whose: Whose): Promise<readonly TimedOut[]> {
  return (await read(context, whose)).record?.timedOut ?? [];
}

/** Remembers that a session ends by time. Before its tombstone is written, so that a crash in between forgets nothing. */
export async function rememberTimedOut(
  context: ServerContext,
  session: SessionRecord,
  { reason, endedAt }: EndByTime,
): Promise<void> {
  const { subject, idp } = session;
  const end = timedOutBy(session, { reason, endedAt });
  const add = ({ timedOut = [] }: SubjectRecord) =>
    timedOut.some(({ sid }) => sid === end.sid)
      ? null
      : { timedOut: [...timedOut, end].sort((a, b) => a.endedAt - b.endedAt).slice(-MOST) };
  await change(context, { subject }, add);
  if (idp !== undefined) await change(context, { idp }, add);
}

/** What is remembered of a session that ends by time. */
export function timedOutBy(session: SessionRecord, { reason, endedAt }: EndByTime): TimedOut {
  const { sid, startedAt, idp, previousSid } = session;
  const previous = previousSid === undefined ? {} : { previousSid };
  const authenticatedAt = claimOf(session);
  return { sid, reason, startedAt, endedAt, authenticatedAt, isProviders: idp !== undefined, ...previous };
}

/** The sids of the last sessions that came of a session at the provider, whosever they were. */
export async function begunBy(context: ServerContext, idp: ProviderSession): Promise<readonly string[]> {
  return ((await read(context, { idp })).record?.places ?? []).map(({ sid }) => sid);
}

/** Remembers which of the provider's sessions a session comes of. Before it is written, for the same reason. */
export async function rememberBegun(
  context: ServerContext,
  { sid, startedAt, idp }: SessionRecord,
): Promise<void> {
  if (idp === undefined) return;
  const place: Place = { sid, takenAt: startedAt };
  await change(context, { idp }, ({ places }) =>
    places.some((known) => known.sid === sid) ? null : { places: [...places, place].slice(-MOST) },
  );
}

/**
 * Remembers that the provider's session is over, before anything that came of it is ended: what begins meanwhile finds it.
 * @returns the sids of the last sessions that came of it
 */
export async function rememberProviderEnd(
  context: ServerContext,
  idp: ProviderSession,
): Promise<readonly string[]> {
  const { places } = await changeSubject(context, rememberedAs(context.app, { idp }), (record, now) => ({
    ...record,
    revokedAt: now,
  }));
  return places.map(({ sid }) => sid);
}

/** Whether the provider's session that a session comes of has been over since the authentication. */
export async function isProviderOver(context: ServerContext, session: SessionRecord): Promise<boolean> {
  const { idp } = session;
  if (idp === undefined) return false;
  const { record } = await read(context, { idp });
  return claimOf(session) <= (record?.revokedAt ?? 0);
}

/** Forgets the ends by time of a subject's sessions that had begun by then. */
export async function forgetTimedOut(
  context: ServerContext,
  subject: string,
  begunBy: number,
): Promise<void> {
  await change(context, { subject }, ({ timedOut = [] }) =>
    without(timedOut, (end) => end.startedAt < begunBy),
  );
}

/** Forgets that a session came of the provider's. */
export async function forgetBegun(context: ServerContext, idp: ProviderSession, sid: string): Promise<void> {
  await change(context, { idp }, ({ places, timedOut = [] }) => {
    const kept = without(timedOut, (end) => end.sid === sid);
    const others = places.filter((place) => place.sid !== sid);
    return kept === null && others.length === places.length ? null : { ...kept, places: others };
  });
}

function without(ends: readonly TimedOut[], isForgotten: (end: TimedOut) => boolean) {
  const timedOut = ends.filter((end) => !isForgotten(end));
  return timedOut.length === ends.length ? null : { timedOut };
}

function read({ app, store }: ServerContext, whose: Whose) {
  const { app: place, subject } = rememberedAs(app, whose);
  return store.findSubject(place, subject);
}

/** @param next what changes; null where all is remembered already */
async function change(
  context: ServerContext,
  whose: Whose,
  next: (record: SubjectRecord) => Partial<SubjectRecord> | null,
): Promise<void> {
  await changeSubject(context, rememberedAs(context.app, whose), (record) => {
    const changed = next(record);
    return changed && { ...record, ...changed };
  });
}

/** Beside the subjects' own records, under a name that no app can have. */
function rememberedAs(app: string, whose: Whose): Pick<SubjectRecord, "app" | "subject"> {
  const parts = "idp" in whose ? ["idp", whose.idp.iss, whose.idp.sid] : ["subject", whose.subject];
  return { app: `${app}:timed-out`, subject: sha256(JSON.stringify(parts)) };
}
