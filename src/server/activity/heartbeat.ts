/**
 * Accepts a heartbeat: verify, then one atomic compare-and-extend. Besides it, a reauthentication and, where the policy
 * says `withoutScript`, a navigation (navigation.ts) move an idle deadline.
 */
import { isMediaAlone, type UnverifiedHeartbeat } from "../../protocol/heartbeat.js";
import { acceptReport, deadlinesOf } from "../../session/deadlines.js";
import type { AuditFacts } from "../audit/audit-record.js";
import { recordThinned } from "../audit/thinned.js";
import type { ServerContext } from "../lifecycle/context.js";
import { replaceRecorded } from "../lifecycle/recorded-write.js";
import { whileLive } from "../lifecycle/settle.js";
import { Refusal } from "../platform/errors.js";
import { randomText, sha256 } from "../platform/secrets.js";
import type { LiveSession, SettledSession } from "../record/outcome.js";
import { answered, nextChange, type SessionRecord } from "../record/session.js";
import { countBeat } from "./pace.js";
import { isSignedBy, type VerifiedHeartbeat, verifyHeartbeat } from "./verify.js";

interface SentHeartbeat {
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
  sent: SentHeartbeat,
): Promise<SettledSession | null> {
  return whileLive(context, session, (live) =>
    extend(context, live, verifyAudited(context, live, sent), sent),
  );
}

async function extend(
  context: ServerContext,
  live: LiveSession,
  verified: VerifiedHeartbeat,
  { jws }: SentHeartbeat,
): Promise<LiveSession | null> {
  const { record, terms, now } = live;
  const random = randomText(32);
  const activity = activityOf(context, record, verified, now);
  const next: SessionRecord = {
    ...(verified.intent === "extend" ? answered(record) : record),
    // Member by member: each further spread of an object costs as much as the rest of this.
    authenticatedAt: terms.times.authenticatedAt,
    idleTimeout: terms.times.idleTimeout,
    absoluteTimeout: terms.times.absoluteTimeout,
    lastActiveAt: activity.lastActiveAt,
    lastInputAt: activity.lastInputAt,
    longestGap: activity.longestGap,
    beats: countBeat(context, live, verified),
    nonce: sha256(jws, Buffer.from(random, "base64url")),
    lastHeartbeat: sha256(jws),
    changes: nextChange(record),
  };
  const written = await replaceRecorded(context, live, next, (confirmation) =>
    // Under the time by which the claim was clamped: so the arithmetic can be done again from the record.
    context.audit.record("session_renewed", now, record, {
      change: nextChange(record),
      lastActiveAt: next.lastActiveAt,
      expiresAt: deadlinesOf(next).expiresAt,
      ...timeoutsSince(record, next),
      intent: verified.intent,
      automated: verified.automated,
      heartbeat: jws,
      random,
      ...confirmation,
    }),
  );
  if (written === null) return null;
  await tellGroup(context, written, verified, now);
  return written;
}

/** Media alone keeps this app's session and no other's. The claim itself is told, not what others have told this app. */
async function tellGroup(
  { group }: ServerContext,
  { record }: LiveSession,
  { activeAt, counts, automated }: VerifiedHeartbeat,
  now: number,
): Promise<void> {
  if (group === null || record.lastHeartbeat === null || isMediaAlone(counts)) return;
  const beat = { at: now, activeAt: Math.min(activeAt, now), heartbeat: record.lastHeartbeat };
  await group.tell(record, automated ? { ...beat, automated } : beat);
}

/** What the session is as it has been heard, and its longest pause. */
function activityOf(
  { policy: { mediaPeriod } }: ServerContext,
  record: SessionRecord,
  { activeAt, counts }: VerifiedHeartbeat,
  now: number,
): Required<Pick<SessionRecord, "lastActiveAt" | "lastInputAt" | "longestGap">> {
  const claim = { activeAt, isMediaAlone: isMediaAlone(counts), now, mediaPeriod };
  const { lastActiveAt, lastInputAt } = acceptReport(record, claim);
  const pause = lastActiveAt - record.lastActiveAt;
  return { lastActiveAt, lastInputAt, longestGap: Math.max(record.longestGap ?? 0, pause) };
}

/** The timeouts, where the policy has become stricter since the session was last written. */
function timeoutsSince(
  before: SessionRecord,
  { idleTimeout, absoluteTimeout }: SessionRecord,
): Partial<Pick<SessionRecord, "idleTimeout" | "absoluteTimeout">> {
  const same = before.idleTimeout === idleTimeout && before.absoluteTimeout === absoluteTimeout;
  return same ? {} : { idleTimeout, absoluteTimeout };
}

function verifyAudited(context: ServerContext, live: LiveSession, sent: SentHeartbeat): VerifiedHeartbeat {
  const { record, now } = live;
  try {
    const expected = { record, now, origin: sent.origin, policy: context.policy };
    return verifyHeartbeat(sent.heartbeat, expected, context.signatures);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const isStale = error.problem === "stale-nonce";
    const copy = isStale && record.lastHeartbeat === sha256(sent.jws);
    const type = copy ? "heartbeat_duplicate" : "heartbeat_refused";
    // Of a flood few are told alone, and so few signatures are looked at.
    recordThinned(context, type, now, record, { code: error.code }, () =>
      isStale && !copy ? staleFacts(context, record, sent) : {},
    );
    throw error;
  }
}

/** By these a copy of the browser's whole profile is told from somebody who has no key. */
function staleFacts(
  { signatures }: ServerContext,
  { key }: SessionRecord,
  { heartbeat, origin }: SentHeartbeat,
): Pick<AuditFacts, "staleNonce" | "signed"> {
  const signed = key !== null && isSignedBy(key, heartbeat, origin, signatures);
  return { staleNonce: sha256(heartbeat.payload.nonce), signed };
}
