/** Accepts a heartbeat: verify, then one atomic compare-and-extend. The only thing that moves an idle deadline. */
import type { UnverifiedHeartbeat } from "../protocol/heartbeat.js";
import { acceptActivity, deadlinesOf } from "../session/deadlines.js";
import type { ServerContext } from "./context.js";
import { Refusal } from "./errors.js";
import { randomText, sha256 } from "./secrets.js";
import { type SessionRecord, timesOf } from "./session-record.js";
import { type LiveSession, type SettledSession, whileLive } from "./settle-session.js";
import { type VerifiedHeartbeat, verifyHeartbeat } from "./verify-heartbeat.js";

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
  { record, now }: LiveSession,
  verified: VerifiedHeartbeat,
  { jws }: HeartbeatRequest,
): Promise<LiveSession | null> {
  const times = acceptActivity(timesOf(record, context.policy), { activeAt: verified.activeAt, now });
  if (times === null) return null;
  const random = randomText(32);
  const next: SessionRecord = {
    ...record,
    ...times,
    nonce: sha256(jws, Buffer.from(random, "base64url")),
    lastHeartbeat: sha256(jws),
  };
  const before = deadlinesOf(timesOf(record, context.policy)).expiresAt;
  const written = await context.store.replace(next, { revision: record.revision, before });
  if (written.outcome !== "done") return null;
  const { lastActiveAt } = next;
  context.audit.record("session_renewed", written.now, record, {
    lastActiveAt: new Date(lastActiveAt).toISOString(),
    expiresAt: new Date(deadlinesOf(times).expiresAt).toISOString(),
    intent: verified.intent,
    automated: verified.automated,
    heartbeat: jws,
    random,
  });
  return { status: "active", record: { ...next, revision: record.revision + 1 }, now: written.now };
}

function verifyAudited(
  context: ServerContext,
  live: LiveSession,
  request: HeartbeatRequest,
): VerifiedHeartbeat {
  const { record, now } = live;
  try {
    const expected = { record, origin: request.origin, policy: context.policy };
    return verifyHeartbeat(request.heartbeat, expected, context.signatures);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const copy = error.problem === "stale-nonce" && record.lastHeartbeat === sha256(request.jws);
    context.audit.record(copy ? "heartbeat_duplicate" : "heartbeat_refused", now, record, {
      code: error.code,
    });
    throw error;
  }
}
