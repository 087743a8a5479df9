/**
 * The end outranks the identity provider: after an end by time a sign-in must rest on an authentication since. A
 * provider that signs the person in again without asking anybody tells of the old one, and that is refused.
 */
import { isByTime } from "../../session/end.js";
import type { ServerContext } from "../lifecycle/context.js";
import { currentSession } from "../lifecycle/settle.js";
import { begunBy, timedOutBy, timedOutOf } from "../lifecycle/timed-out.js";
import { SessionError } from "../platform/errors.js";
import type { Policy } from "../policy/policy.types.js";
import type { SettledSession } from "../record/outcome.js";
import type { ProviderSession } from "../record/session.js";
import type { TimedOut } from "../record/subject.js";
import { allOf, settledSessions } from "./sessions.js";

/** A sign-in with an authentication of its own time. */
export interface ClaimedSignIn {
  readonly subject: string;
  /** What the trail calls the subject, where each person has a key of their own. */
  readonly pseudonym?: string | undefined;
  /** As it was claimed, whatever the store's clock says. */
  readonly authenticatedAt: number;
  readonly idp?: ProviderSession | undefined;
  /** What the browser presents, as it is when the sign-in begins; null where that is nothing, or nothing known. */
  readonly previous: SettledSession | null;
}

/** By what an end concerns a sign-in: the browser's own session, the provider's, or that it is the subject's. */
type HeldBy = "browser" | "provider" | "subject";

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
function isSince(authenticatedAt: number, end: TimedOut, { idpSkew }: Pick<Policy, "idpSkew">): boolean {
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
  // A browser can be sent to its provider and back as often as a script likes.
  const alike = `idp_silent_sign_in ${held.end.sid} ${held.by}`;
  context.bursts.tell(alike, now, (count, at) => auditSilent(context, signIn, held, at, count));
  throw stale(`${call} was given an authentication from before ${NAMED[held.by]} ended by time`);
}

const NAMED: Readonly<Record<HeldBy, string>> = {
  browser: "this browser's session",
  provider: "the session of the same sign-in at the provider",
  subject: "the subject's last session",
};

export function auditSilent(
  { audit }: ServerContext,
  { subject, pseudonym, authenticatedAt }: Pick<ClaimedSignIn, "subject" | "pseudonym" | "authenticatedAt">,
  { end, by }: HeldBack,
  now: number,
  count = 1,
): void {
  const { sid, reason, endedAt } = end;
  audit.record(
    "idp_silent_sign_in",
    now,
    { sid, subject, pseudonym },
    {
      reason,
      endedAt: endedAt,
      authenticatedAt: authenticatedAt,
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
  );
}

/**
 * The ends that concern a sign-in: those of its browser's and of its provider's session, and of the subject's others
 * every one that is not known to be another browser's.
 */
async function endsKnown(context: ServerContext, signIn: ClaimedSignIn): Promise<readonly HeldBack[]> {
  const { subject, authenticatedAt, idp, previous } = signIn;
  const isBegun = idp !== undefined && (await settleBegun(context, idp));
  await settleOverdue(context, subject);
  const ofSubject = await timedOutOf(context, { subject });
  const ofProvider = idp === undefined ? [] : await timedOutOf(context, { idp });
  const own =
    previous?.status === "ended" && isByTime(previous.end) ? timedOutBy(previous.record, previous.end) : null;
  const isTheirs = previous?.record.subject === subject;
  const isAlive = previous?.status === "active" && isTheirs;
  const line = own !== null && isTheirs ? lineFrom(own, ofSubject) : null;
  const isProviderKnown = ofProvider.length > 0 || isBegun;
  const isElsewhere = (end: TimedOut) =>
    isAlive ||
    (line !== null && !line.mayHave(end)) ||
    (isProviderKnown && end.isProviders && !ofProvider.some(({ sid }) => sid === end.sid));
  const isAsked = context.policy.staleSignIn === "subject";
  const byWhat = (end: TimedOut): HeldBy | null => {
    if (line?.has(end) === true) return "browser";
    // The very authentication of a session that ended comes of the same sign-in at the provider, so of the same browser.
    const concerns = end.authenticatedAt === authenticatedAt || (isAsked && !isElsewhere(end));
    return concerns ? "subject" : null;
  };
  const held = (ends: readonly TimedOut[], by: (end: TimedOut) => HeldBy | null): readonly HeldBack[] =>
    ends.flatMap((end) => {
      const what = by(end);
      return what === null ? [] : [{ end, by: what }];
    });
  return [
    ...held(own === null ? [] : [own], () => "browser"),
    ...held(ofProvider, () => "provider"),
    ...held(ofSubject, byWhat),
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

interface Line {
  /** Whether the end is one of this browser's. */
  has(end: TimedOut): boolean;
  /** Whether it can be. */
  mayHave(end: TimedOut): boolean;
}

/**
 * The line of sessions that one browser had after the one that it presents: an old cookie that was put back stands for
 * its browser's newest end too. A sign-in of later that told of no session before can be its browser's. Null where so
 * many have ended since that the line cannot be followed.
 */
function lineFrom(presented: TimedOut, ends: readonly TimedOut[]): Line | null {
  if (!ends.some(({ sid }) => sid === presented.sid)) return null;
  const isOpen = ({ previousSid, startedAt }: TimedOut) =>
    previousSid === undefined && startedAt >= presented.endedAt;
  const surely = following([presented], ends);
  const possibly = following([presented, ...ends.filter(isOpen)], ends);
  return { has: ({ sid }) => surely.has(sid), mayHave: ({ sid }) => possibly.has(sid) };
}

/** The sids of these ends and of all that followed one of them. */
function following(first: readonly TimedOut[], ends: readonly TimedOut[]): ReadonlySet<string> {
  const sids = new Set(first.map(({ sid }) => sid));
  for (const { sid, previousSid } of ends)
    if (previousSid !== undefined && sids.has(previousSid)) sids.add(sid);
  return sids;
}
