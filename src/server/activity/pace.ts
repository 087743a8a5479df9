/** The pace of a session's heartbeats: how many an interval may have. */
import { recordThinned } from "../audit/thinned.js";
import type { ServerContext } from "../lifecycle/context.js";
import { Refusal } from "../platform/errors.js";
import type { LiveSession } from "../record/outcome.js";
import type { SessionRecord } from "../record/session.js";
import type { VerifiedHeartbeat } from "./verify.js";

/** More than a client ever sends: one an interval for activity, and a few around warnings and page changes. */
const BEATS_PER_INTERVAL = 4;

/**
 * Counts the accepted heartbeats of an interval. An explicit extension is never refused for their number.
 * @throws Refusal `too-many`
 */
export function countBeat(
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
