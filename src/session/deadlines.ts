/**
 * The two deadlines of a session, as functions of its times. Milliseconds throughout.
 * OWASP Session Management: "idle timeout" and "absolute timeout"; NIST SP 800-63B-4 section 5.2 calls them
 * inactivity timeout and overall timeout.
 */

/** Why a live session will end next. On a tie the reason is `absolute`. */
export type DeadlineCause = "idle" | "absolute";

/** The facts that both deadlines follow from. Instants are server milliseconds since the epoch. */
export interface SessionTimes {
  /** When the person proved who they are; the absolute clock starts here (OIDC `auth_time`). */
  readonly authenticatedAt: number;
  /** The last accepted activity. */
  readonly lastActiveAt: number;
  readonly idleTimeout: number;
  readonly absoluteTimeout: number;
}

export interface Deadlines {
  readonly idleExpiresAt: number;
  readonly absoluteExpiresAt: number;
  /** The earlier of the two. */
  readonly expiresAt: number;
  readonly cause: DeadlineCause;
}

/** Computes both deadlines and the earlier of them. */
export function deadlinesOf(times: SessionTimes): Deadlines {
  const idleExpiresAt = times.lastActiveAt + times.idleTimeout;
  const absoluteExpiresAt = times.authenticatedAt + times.absoluteTimeout;
  return absoluteExpiresAt <= idleExpiresAt
    ? { idleExpiresAt, absoluteExpiresAt, expiresAt: absoluteExpiresAt, cause: "absolute" }
    : { idleExpiresAt, absoluteExpiresAt, expiresAt: idleExpiresAt, cause: "idle" };
}

/** A deadline is exact: at `now >= expiresAt` the session is over, with no leeway. */
export function isOver(times: SessionTimes, now: number): boolean {
  return now >= deadlinesOf(times).expiresAt;
}

/**
 * The times of a live session after a claim of input at `activeAt`: every move of an idle deadline is computed here. It
 * counts from the input, not from the message, so a claim is clamped to `[lastActiveAt, now]` and can neither move a
 * deadline back nor lie ahead of now. Whoever calls has found that the session lives: this revives nothing.
 */
export function acceptActivity<Times extends Pick<SessionTimes, "lastActiveAt">>(
  times: Times,
  claim: { readonly activeAt: number; readonly now: number },
): Times {
  const lastActiveAt = Math.max(times.lastActiveAt, Math.min(claim.activeAt, claim.now));
  return { ...times, lastActiveAt };
}

/** The times of a session of which it is known when its last input was that was not media alone. */
interface HeardTimes extends Pick<SessionTimes, "lastActiveAt"> {
  /** Absent: the last activity was such an input. */
  readonly lastInputAt?: number;
}

/**
 * What a heartbeat's report of input makes of a live session's times. Media alone keeps a session for `mediaPeriod` after
 * the last other input, and no longer.
 */
export function acceptReport(
  times: HeardTimes,
  {
    activeAt,
    isMediaAlone,
    now,
    mediaPeriod,
  }: {
    readonly activeAt: number;
    readonly isMediaAlone: boolean;
    readonly now: number;
    readonly mediaPeriod: number;
  },
): Required<Pick<HeardTimes, "lastActiveAt" | "lastInputAt">> {
  const lastInputAt = times.lastInputAt ?? times.lastActiveAt;
  const latest = isMediaAlone ? Math.min(now, lastInputAt + mediaPeriod) : now;
  const { lastActiveAt } = acceptActivity({ lastActiveAt: times.lastActiveAt }, { activeAt, now: latest });
  return { lastActiveAt, lastInputAt: isMediaAlone ? lastInputAt : lastActiveAt };
}

/** A heartbeat that another app of the group has accepted. Server milliseconds. */
export interface GroupBeat {
  /** When it was accepted. */
  readonly at: number;
  /** The input that it told of. */
  readonly activeAt: number;
}

/**
 * Which heartbeats of a group carry a session on, each with the time of its input: as few as there can be. One counts only
 * where the session lived when it was accepted, so whatever came after its end, or after a pause as long as its idle
 * timeout, revives nothing. The absolute deadline stays where it is.
 *
 * @param enforceFromAt while the policy only observes: until when nothing ends by time
 */
export function carriersOf<Beat extends GroupBeat>(
  times: SessionTimes,
  beats: readonly Beat[],
  { now, enforceFromAt }: { readonly now: number; readonly enforceFromAt: number | null },
): readonly Beat[] {
  const carriers: Beat[] = [];
  for (let current = times; ; ) {
    const endsAt = endsAtOf(deadlinesOf(current), enforceFromAt);
    const newest = beats
      .filter(({ at, activeAt }) => activeAt <= at && at <= now && at < endsAt)
      .reduce<Beat | null>(
        (best, beat) => (best !== null && best.activeAt >= beat.activeAt ? best : beat),
        null,
      );
    if (newest === null || newest.activeAt <= current.lastActiveAt) return carriers;
    carriers.push(newest);
    current = acceptActivity(current, { activeAt: newest.activeAt, now: newest.at });
  }
}

/** When a session ends: at its deadline, or, while the policy only observes, not before the day from which it is enforced. */
export function endsAtOf({ expiresAt }: Pick<Deadlines, "expiresAt">, enforceFromAt: number | null): number {
  return Math.max(expiresAt, enforceFromAt ?? expiresAt);
}

/** How far a claim may lie ahead of the server's time, and still be a clock that is a little fast: 5 minutes. */
const CLAIM_LEAD = 5 * 60_000;

/**
 * Whether a claim of input lies so far ahead that it says nothing of the past. A signature over such a claim would count
 * as activity whenever it is sent, long after the page that made it is gone.
 */
export function isAhead({ activeAt, now }: { readonly activeAt: number; readonly now: number }): boolean {
  return activeAt > now + CLAIM_LEAD;
}

/** Whether more activity could still move `expiresAt`; false once only the absolute timeout is left to wait for. */
export function activityCouldExtend(times: SessionTimes): boolean {
  return deadlinesOf(times).cause === "idle";
}

/** The stricter of two pairs of timeouts: what a check uses when the policy changed while a session runs. */
export function stricterTimeouts(
  stored: Pick<SessionTimes, "idleTimeout" | "absoluteTimeout">,
  current: Pick<SessionTimes, "idleTimeout" | "absoluteTimeout">,
): Pick<SessionTimes, "idleTimeout" | "absoluteTimeout"> {
  return {
    idleTimeout: Math.min(stored.idleTimeout, current.idleTimeout),
    absoluteTimeout: Math.min(stored.absoluteTimeout, current.absoluteTimeout),
  };
}
