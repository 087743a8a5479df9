/**
 * The end outranks the identity provider: after an end by time a sign-in must rest on an authentication since. A
 * provider that signs the person in again without asking anybody tells of the old one, and that is refused.
 */
import { isByTime } from "../../session/end.js";
import type { ServerContext } from "../lifecycle/context.js";
import { currentSession } from "../lifecycle/settle.js";
import { begunBy, timedOutOf } from "../lifecycle/timed-out.js";
import { SessionError } from "../platform/errors.js";
import type { Policy } from "../policy/policy.js";
import type { SettledSession } from "../record/outcome.js";
import { claimOf, type ProviderSession } from "../record/session.js";
import type { TimedOut } from "../record/subject.js";
import { allOf, settledSessions } from "./sessions.js";

/** A sign-in with an authentication of its own time. */
export interface ClaimedSignIn {
  readonly subject: string;
  /** As it was claimed, whatever the store's clock says. */
  readonly authenticatedAt: number;
  readonly idp?: ProviderSession | undefined;
  /** What the browser presents, as it is when the sign-in begins; null where that is nothing, or nothing known. */
  readonly previous: SettledSession | null;
}

/** By what an end concerns a sign-in: the browser's own session, the provider's, or that it is the subject's. */
export type HeldBy = "browser" | "provider" | "subject";

export interface HeldBack {
  readonly end: TimedOut;
  readonly by: HeldBy;
}

/** OIDC tells `auth_time` in whole seconds (OpenID Connect Core 1.0, section 2), so no finer comparison is fair. */
function secondOf(instant: number): number {
  return Math.floor(instant / 1_000);
}

/**
 * Whether a person has authenticated since an end. An authentication in the second of the end, or so much before as the
 * provider's clock may be behind, counts as since; one that the ended session had already does not, whatever the clocks.
 */
export function isSince(
  authenticatedAt: number,
  end: TimedOut,
  { idpSkew }: Pick<Policy, "idpSkew">,
): boolean {
  if (authenticatedAt <= end.authenticatedAt) return false;
  return secondOf(authenticatedAt) + secondOf(idpSkew) >= secondOf(end.endedAt);
}

/**
 * The newest end by time that a sign-in rests on no authentication since; null where nothing holds it back. Every end
 * until now counts, also one that nobody has written yet.
 */
export async function endAgainst(context: ServerContext, signIn: ClaimedSignIn): Promise<HeldBack | null> {
  const { policy } = context;
  const known = await endsKnown(context, signIn);
  const against = known.filter(({ end }) => !isSince(signIn.authenticatedAt, end, policy));
  return against.reduce<HeldBack | null>(
    (newest, one) => (newest === null || one.end.endedAt > newest.end.endedAt ? one : newest),
    null,
  );
}

/**
 * The same as an error, audited. Where nobody says when the person authenticated, it was now: a password was asked for.
 * @throws SessionError `stale-authentication`
 */
export async function refuseSilent(
  context: ServerContext,
  call: string,
  {
    authenticatedAt,
    ...others
  }: Omit<ClaimedSignIn, "authenticatedAt"> & { readonly authenticatedAt?: number },
  now: number,
): Promise<void> {
  if (authenticatedAt === undefined) return;
  const signIn = { ...others, authenticatedAt };
  const held = await endAgainst(context, signIn);
  if (held === null) return;
  auditSilent(context, signIn, held, now);
  throw stale(`${call} was given an authentication from before ${NAMED[held.by]} ended by time`);
}

const NAMED: Readonly<Record<HeldBy, string>> = {
  browser: "this browser's session",
  provider: "the session of the same sign-in at the provider",
  subject: "the subject's last session",
};

export function auditSilent(
  { audit }: ServerContext,
  { subject, authenticatedAt }: Pick<ClaimedSignIn, "subject" | "authenticatedAt">,
  { end, by }: HeldBack,
  now: number,
  count = 1,
): void {
  const { sid, reason, endedAt } = end;
  audit.record(
    "idp_silent_sign_in",
    now,
    { sid, subject },
    {
      reason,
      endedAt: new Date(endedAt).toISOString(),
      authenticatedAt: new Date(authenticatedAt).toISOString(),
      code: by,
      ...(count === 1 ? {} : { count }),
    },
  );
}

/** @param what was wrong; the message goes on with what to do */
export function stale(what: string): SessionError {
  return new SessionError(
    "stale-authentication",
    `${what}: ask the provider to authenticate the person again (prompt=login, max_age=0) and pass the auth_time that it then tells`,
    401,
  );
}

/** The ends that concern a sign-in. */
async function endsKnown(context: ServerContext, signIn: ClaimedSignIn): Promise<readonly HeldBack[]> {
  const { subject, authenticatedAt, idp, previous } = signIn;
  const isBegun = idp !== undefined && (await settleBegun(context, idp));
  await settleOverdue(context, subject);
  const ofSubject = await timedOutOf(context, { subject });
  const ofProvider = idp === undefined ? [] : await timedOutOf(context, { idp });
  const own = ownEnd(previous);
  const isTheirs = previous?.record.subject === subject;
  const line = own !== null && isTheirs ? lineFrom(own.sid, ofSubject) : null;
  const isKnown =
    (previous?.status === "active" && isTheirs) || line !== null || ofProvider.length > 0 || isBegun;
  const isSubjectAsked = !isKnown && context.policy.staleSignIn === "subject";
  return [
    ...(own === null ? [] : [{ end: own, by: "browser" } as const]),
    ...(line ?? []).map((end) => ({ end, by: "browser" }) as const),
    ...ofProvider.map((end) => ({ end, by: "provider" }) as const),
    ...ofSubject
      // The very authentication of a session that ended comes of the same sign-in at the provider, so of the same browser.
      .filter((end) => isSubjectAsked || end.authenticatedAt === authenticatedAt)
      .map((end) => ({ end, by: "subject" }) as const),
  ];
}

/** Ends those of the subject's sessions whose deadline has passed by now and nobody has asked since. */
async function settleOverdue(context: ServerContext, subject: string): Promise<void> {
  await allOf(settledSessions(context, subject));
}

/** The same for the sessions that came of the provider's session. Whether one of them lives. */
async function settleBegun(context: ServerContext, idp: ProviderSession): Promise<boolean> {
  const sids = await begunBy(context, idp);
  const settled = await Promise.all(sids.map((sid) => currentSession(context, sid)));
  return settled.some((session) => session?.status === "active");
}

function ownEnd(previous: SettledSession | null): TimedOut | null {
  if (previous?.status !== "ended" || !isByTime(previous.end)) return null;
  const { record, end } = previous;
  return { sid: record.sid, ...end, authenticatedAt: claimOf(record) };
}

/**
 * The ends in the line of sessions that one browser had after `sid`: an old cookie that was put back stands for its
 * browser's newest end too. Null where so many have ended since that the line cannot be followed.
 */
function lineFrom(sid: string, ends: readonly TimedOut[]): readonly TimedOut[] | null {
  if (!ends.some((end) => end.sid === sid)) return null;
  const line = new Set([sid]);
  for (const end of ends) if (end.previousSid !== undefined && line.has(end.previousSid)) line.add(end.sid);
  return ends.filter((end) => line.has(end.sid));
}
