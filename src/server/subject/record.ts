/** Changes what is kept of a subject, and dates the sign-ins that begin under it. */
import { isByTime } from "../../session/end.js";
import type { ServerContext } from "../lifecycle/context.js";
import { SessionError, StoreUnavailableError } from "../platform/errors.js";
import { longestSession } from "../policy/resolve.js";
import type { PresentedSession } from "../record/outcome.js";
import { type SessionRecord, TOMBSTONE_PERIOD } from "../record/session.js";
import { lastEndedAt, newSubject, type SubjectRecord } from "../record/subject.js";

const ATTEMPTS = 200;

/** When a sign-in began, and what had been ended by then. */
export interface SignInBeginning {
  /** The store's time. */
  readonly now: number;
  readonly epoch: number;
  readonly everybodyEpoch: number;
  /** An authentication from then or before starts no session; 0: none is refused. */
  readonly revokedAt: number;
  /** When the subject's sessions were last ended together, for whatever reason. */
  readonly lastEndedAt: number;
}

/** Must be the first thing that a sign-in asks the store: whatever ends the subject's sessions from then on ends it too. */
export async function beginSignIn(
  { store, app, everybody }: ServerContext,
  subject: string,
): Promise<SignInBeginning> {
  const [found, all] = await Promise.all([store.findSubject(app, subject), everybody.ask()]);
  const endedAt = Math.max(lastEndedAt(found.record), lastEndedAt(all));
  return {
    // Two nodes may tell the time a little differently: what has been seen was before.
    now: Math.max(found.now, endedAt),
    epoch: found.record?.epoch ?? 0,
    everybodyEpoch: all?.epoch ?? 0,
    revokedAt: Math.max(found.record?.revokedAt ?? 0, all?.revokedAt ?? 0),
    lastEndedAt: endedAt,
  };
}

/** Whether sessions were revoked together since an authentication: it starts none any more. */
export async function isRevoked(
  context: ServerContext,
  { subject, authenticatedAt }: Pick<SessionRecord, "subject" | "authenticatedAt">,
): Promise<boolean> {
  return authenticatedAt <= (await beginSignIn(context, subject)).revokedAt;
}

/** Whether the authentication of an ended session starts no session any more: it ended by time, or was revoked with others. */
export async function endedForGood(context: ServerContext, session: PresentedSession): Promise<boolean> {
  if (session.status !== "ended") return false;
  return isByTime(session.end) || isRevoked(context, session.record);
}

export function revoked(): SessionError {
  return new SessionError(
    "revoked",
    "the sessions of this subject were ended while the sign-in went on, or after its authentication: ask the person to sign in again",
  );
}

/** Writes what `change` makes of the record, again whenever another write came first. Resolves with what was written. */
export async function changeSubject(
  context: ServerContext,
  { app, subject }: Pick<SubjectRecord, "app" | "subject">,
  change: (record: SubjectRecord, now: number) => SubjectRecord | Promise<SubjectRecord>,
): Promise<SubjectRecord> {
  const { store } = context;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const found = await store.findSubject(app, subject);
    const { revision, ...known } = found.record ?? newSubject({ app, subject });
    const next = await change({ ...known, revision }, found.now);
    const purgeAt = Math.max(next.purgeAt, found.now + longestSession(context.policy) + TOMBSTONE_PERIOD);
    const written = { ...next, purgeAt };
    if ((await store.replaceSubject(written, revision)) === "done")
      return { ...written, revision: revision + 1 };
  }
  throw new StoreUnavailableError("the sessions of a subject kept changing");
}
