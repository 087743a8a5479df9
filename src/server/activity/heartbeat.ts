/**
 * Accepts a heartbeat: verify, then one atomic compare-and-extend. Besides it, a reauthentication and, where the policy
 * says `withoutScript`, a navigation (navigation.ts) move an idle deadline.
 */
import type { UnverifiedHeartbeat } from "../../protocol/heartbeat.js";
import { acceptActivity, deadlinesOf } from "../../session/deadlines.js";
import { recordThinned } from "../audit/thinned.js";
import type { ServerContext } from "../lifecycle/context.js";
import { replaceLive, whileLive } from "../lifecycle/settle.js";
import { Refusal } from "../platform/errors.js";
import { randomText, sha256 } from "../platform/secrets.js";
import type { LiveSession, SettledSession } from "../record/outcome.js";
import type { SessionRecord } from "../record/session.js";
import { type VerifiedHeartbeat, verifyHeartbeat } from "./verify.js";

export interface HeartbeatRequest {
  /** As it came: what the next nonce commits to. */
  readonly jws: string;
  readonly heartbeat: UnverifiedHeartbeat;
  readonly origin: string;
}

/**
 * Extends the session, or finds its end.
 * @throws Refusal as `verifyHeartbeat` does
 */
export function acceptHeartbeat(
  context: ServerContext,
  session: LiveSession,
  request: HeartbeatRequest,
): Promise<SettledSession | null> {
  return whileLive(context, session, (live) =>
    extend(context, live, verifyAudited(context, live, request), request),
  );
}

async function extend(
  context: ServerContext,
  live: LiveSession,
  verified: VerifiedHeartbeat,
  { jws }: HeartbeatRequest,
): Promise<LiveSession | null> {
  const { record, terms, now } = live;
  const random = randomText(32);
  const activity = activityOf(context, record, verified, now);
  const next: SessionRecord = {
    ...record,
    ...terms.times,
    ...activity,
    beats: countBeat(context, live, verified),
    rhythm: rhythmOf(record, activity),
    nonce: sha256(jws, Buffer.from(random, "base64url")),
    lastHeartbeat: sha256(jws),
  };
  const written = await replaceLive(context, live, next);
  if (written === null) return null;
  context.audit.record("session_renewed", written.now, record, {
    lastActiveAt: new Date(next.lastActiveAt).toISOString(),
    expiresAt: new Date(deadlinesOf(next).expiresAt).toISOString(),
    intent: verified.intent,
    automated: verified.automated,
    heartbeat: jws,
    random,
  });
  if (next.rhythm !== record.rhythm && next.rhythm?.count === METRONOMIC)
    context.audit.record("suspicious_activity", written.now, record, { code: "metronomic" });
  return written;
}

/** People are never as regular as this: so many reports of activity at the same distance, to within 20 ms. */
const METRONOMIC = 30;
const REGULAR = 20;

function rhythmOf(
  { lastActiveAt, rhythm = { interval: 0, count: 0 } }: SessionRecord,
  next: Pick<SessionRecord, "lastActiveAt">,
): NonNullable<SessionRecord["rhythm"]> {
  // As it counted, not as it was claimed: a claim that lies far in the future is as regular as the server's now.
  const interval = next.lastActiveAt - lastActiveAt;
  if (interval === 0) return rhythm;
  const isRegular = Math.abs(interval - rhythm.interval) <= REGULAR;
  return isRegular ? { ...rhythm, count: rhythm.count + 1 } : { interval, count: 1 };
}

/** Media alone keeps a session for the policy's `media` after the last input, and no longer. */
function activityOf(
  { policy }: ServerContext,
  record: SessionRecord,
  { activeAt, counts }: VerifiedHeartbeat,
  now: number,
): Required<Pick<SessionRecord, "lastActiveAt" | "lastInputAt" | "longestGap">> {
  const { media, ...input } = counts;
  const lastInputAt = record.lastInputAt ?? record.lastActiveAt;
  const mediaAlone = media > 0 && Object.values(input).every((count) => count === 0);
  const latest = mediaAlone ? Math.min(now, lastInputAt + policy.mediaPeriod) : now;
  const { lastActiveAt } = acceptActivity(record, { activeAt, now: latest });
  return {
    lastActiveAt,
    lastInputAt: mediaAlone ? lastInputAt : lastActiveAt,
    longestGap: Math.max(record.longestGap ?? 0, lastActiveAt - record.lastActiveAt),
  };
}

/** More than a client ever sends: one an interval for activity, and a few around warnings and page changes. */
const BEATS_PER_INTERVAL = 4;

/** Counts the accepted heartbeats of an interval. An explicit extension is never refused for their number. */
function countBeat(
  context: ServerContext,
  { record, terms: { heartbeatInterval }, now }: LiveSession,
  { intent }: VerifiedHeartbeat,
): NonNullable<SessionRecord["beats"]> {
  const { startedAt, count } = record.beats ?? { startedAt: now, count: 0 };
  if (now >= startedAt + heartbeatInterval) return { startedAt: now, count: 1 };
  if (count >= BEATS_PER_INTERVAL && intent !== "extend") {
    const retryAfter = Math.ceil((startedAt + heartbeatInterval - now) / 1_000);
    recordThinned(context, "rate_limited", now, record, { code: "heartbeats" });
    throw new Refusal("too-many", "This session has sent its heartbeats for now.", { retryAfter });
  }
  return { startedAt, count: count + 1 };
}

function verifyAudited(
  context: ServerContext,
  live: LiveSession,
  request: HeartbeatRequest,
): VerifiedHeartbeat {
  const { record, now } = live;
  try {
    const expected = { record, now, origin: request.origin, policy: context.policy };
    return verifyHeartbeat(request.heartbeat, expected, context.signatures);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const copy = error.problem === "stale-nonce" && record.lastHeartbeat === sha256(request.jws);
    recordThinned(context, copy ? "heartbeat_duplicate" : "heartbeat_refused", now, record, {
      code: error.code,
    });
    throw error;
  }
}
