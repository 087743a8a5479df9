/**
 * Sessions of an app that keeps its own (`identify`): its id stands in the cookie's place. An id without a record is
 * adopted only just after its sign-in, an id that ended never again, and a new id moves no clock.
 */
import { isOver } from "../../session/deadlines.js";
import type { ServerContext } from "../lifecycle/context.js";
import { replaceLive, settleFound, settleSession, whileLive } from "../lifecycle/settle.js";
import { SessionError } from "../platform/errors.js";
import { seal, sha256 } from "../platform/secrets.js";
import type { AttributeValue } from "../policy/policy.types.js";
import { newRecord } from "../record/new.js";
import type { SettledSession } from "../record/outcome.js";
import type { SessionRecord } from "../record/session.js";
import type { Found } from "../stores/store.js";
import { authenticatedAtOf, insertSession, ownSecret } from "./sign-in.js";
import { refuseIllFormed } from "./well-formed.js";

/** The app's own session, as a request presents it. */
export interface Identity {
  /** The app's own id of the session: a secret that only the browser and the app know. */
  readonly id: string;
  /** Whose session it is. Without it nothing is adopted: the app calls `start` with the id. */
  readonly subject?: string;
  /** When the person proved who they are, in milliseconds since the epoch. */
  readonly authenticatedAt?: number;
  readonly roles?: readonly string[];
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
}

/** How recent a sign-in must be for its session to be adopted. */
const ADOPT_PERIOD = 60_000;

/** The session of an id, adopted where that is due; null where there is none. */
export async function sessionOfIdentity(
  context: ServerContext,
  identity: Identity,
  options: { readonly networks: readonly string[]; readonly adoptUntilAt: number | null },
): Promise<SettledSession | null> {
  refuseIllFormed("identify() answered with", identity);
  const found = await findOwn(context, identity.id);
  if (found === null) return adopt(context, identity, options);
  const isTheirs = identity.subject === undefined || identity.subject === found.record.subject;
  return isTheirs ? settleFound(context, found, options.networks) : null;
}

/** The session of an own id as it is; nothing is adopted. @throws SessionError `ill-formed` */
export async function sessionOfOwnId(context: ServerContext, id: string): Promise<SettledSession | null> {
  refuseIllFormed("the app gave", { id });
  return settleFound(context, await findOwn(context, id));
}

function findOwn({ store }: ServerContext, id: string): Promise<Found | null> {
  return store.findBySecret(sha256(ownSecret(id)));
}

async function adopt(
  context: ServerContext,
  identity: Identity,
  options: { readonly networks: readonly string[]; readonly adoptUntilAt: number | null },
): Promise<SettledSession | null> {
  const { id, subject, roles = [], attributes = {} } = identity;
  if (subject === undefined || identity.authenticatedAt === undefined) return null;
  const now = await context.store.now();
  const authenticatedAt = authenticatedAtOf(identity.authenticatedAt, now);
  const before = await sameSignIn(context, subject, authenticatedAt);
  if (before !== null) return follow(context, before, id);
  const isFresh = now < authenticatedAt + ADOPT_PERIOD;
  if (!isFresh && (options.adoptUntilAt === null || now >= options.adoptUntilAt)) return null;
  const facts = {
    now,
    authenticatedAt,
    lastActiveAt: isFresh ? authenticatedAt : now,
    secret: ownSecret(id),
    networks: options.networks,
  };
  const record = newRecord(context, { subject, roles, attributes, id }, facts);
  if (isOver(record, now)) return null;
  try {
    await insertSession(context, record, authenticatedAt);
  } catch (error) {
    if (!(error instanceof SessionError)) throw error;
    // Another request of the same browser was first, or the sign-in is not allowed.
    return settleFound(context, await findOwn(context, id), options.networks);
  }
  context.audit.record("session_adopted", now, record);
  return { status: "active", record, now };
}

/** The session that came of the same sign-in under another id: the app rotates its ids. */
async function sameSignIn(
  context: ServerContext,
  subject: string,
  authenticatedAt: number,
): Promise<SessionRecord | null> {
  const records = await context.store.listBySubject(context.app, subject);
  const same = records.filter(
    (record) => record.ownId !== undefined && record.authenticatedAt === authenticatedAt,
  );
  return same.find(({ ended }) => ended === null) ?? same[0] ?? null;
}

async function follow(
  context: ServerContext,
  record: SessionRecord,
  id: string,
): Promise<SettledSession | null> {
  const settled = await settleSession(context, { record, now: await context.store.now() });
  if (settled?.status !== "active") return settled;
  return whileLive<SettledSession>(context, settled, (live) => move(context, live.record, id));
}

/**
 * The app has given a session a new id.
 * @throws SessionError `id-taken` where the new id has a session already, `no-session` where the old id has no live session
 */
export async function moveSession(context: ServerContext, oldId: string, newId: string): Promise<void> {
  refuseIllFormed("moved() was given", { oldId, newId });
  const settled = await sessionOfOwnId(context, oldId);
  if (settled?.status !== "active") throw nothingToMove();
  if ((await findOwn(context, newId)) !== null)
    throw new SessionError(
      "id-taken",
      "moved() was given a new id that has a session of its own already",
      409,
    );
  const moved = await whileLive(context, settled, (live) => move(context, live.record, newId));
  if (moved?.status !== "active") throw nothingToMove();
}

function nothingToMove(): SessionError {
  return new SessionError("no-session", "moved() found no live session under the old id", 404);
}

async function move(context: ServerContext, record: SessionRecord, id: string) {
  const ownId = seal(context.secret, id);
  const written = await replaceLive(context, record, { ...record, secretHash: sha256(ownSecret(id)), ownId });
  if (written !== null) context.audit.record("session_moved", written.now, record);
  return written;
}
