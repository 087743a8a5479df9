/** When a sign-in begins, and whether its authentication starts a session any more. */
import { isByTime } from "../../session/end.js";
import type { ServerContext } from "../lifecycle/context.js";
import { ensurePseudonym } from "../lifecycle/pseudonym.js";
import { SessionError } from "../platform/errors.js";
import type { PresentedSession } from "../record/outcome.js";
import { isNobodys, type SessionRecord } from "../record/session.js";
import { lastEndedAt } from "../record/subject.js";

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
  /** What the trail calls the subject, where each person has a key of their own. */
  readonly pseudonym?: string;
}

/** Must be the first thing that a sign-in asks the store: whatever ends the subject's sessions from then on ends it too. */
export async function beginSignIn(context: ServerContext, subject: string): Promise<SignInBeginning> {
  const { record, ...beginning } = await endedBefore(context, subject);
  return { ...beginning, ...(await ensurePseudonym(context, subject, record)) };
}

async function endedBefore({ store, app, everybody }: ServerContext, subject: string) {
  const [found, all] = await Promise.all([store.findSubject(app, subject), everybody.ask()]);
  const endedAt = Math.max(lastEndedAt(found.record), lastEndedAt(all));
  return {
    record: found.record,
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
  return authenticatedAt <= (await endedBefore(context, subject)).revokedAt;
}

/** Whether the authentication of an ended session starts no session any more: it ended by time, or was revoked with others. */
export async function endedForGood(context: ServerContext, session: PresentedSession): Promise<boolean> {
  if (session.status !== "ended") return false;
  return isByTime(session.end) || isNobodys(session.record) || isRevoked(context, session.record);
}

export function revoked(): SessionError {
  return new SessionError(
    "revoked",
    "the sessions of this subject were ended while the sign-in went on, or after its authentication: ask the person to sign in again",
  );
}
