/**
 * Activity without a script: the navigations that a browser says a person made (Fetch Metadata). Only where the policy
 * says `withoutScript: "navigation"`, only by `sessions.page()`, and only until a key is bound.
 */
import { acceptActivity, deadlinesOf } from "../../session/deadlines.js";
import type { HttpRequest } from "../http/exchange.js";
import type { ServerContext } from "../lifecycle/context.js";
import { replaceLive, whileLive } from "../lifecycle/settle.js";
import type { EndedSession, LiveSession } from "../record/outcome.js";
import { type SessionRecord, timesOf } from "../record/session.js";

/** Whether the browser marks the request as a person's navigation within the site. Its absence proves nothing. */
export function isPersonsNavigation(request: HttpRequest): boolean {
  return (
    (request.method === "GET" || request.method === "POST") &&
    request.header("sec-fetch-mode") === "navigate" &&
    request.header("sec-fetch-user") === "?1" &&
    request.header("sec-fetch-dest") === "document" &&
    request.header("sec-fetch-site") === "same-origin" &&
    request.header("sec-purpose") === null &&
    request.header("purpose") === null &&
    request.header("x-moz") === null
  );
}

/** The session after the navigation; unchanged where it has a key or the policy says otherwise. */
export async function extendByNavigation(
  context: ServerContext,
  session: LiveSession,
  request: HttpRequest,
): Promise<LiveSession | EndedSession | null> {
  if (context.policy.withoutScript !== "navigation" || !isPersonsNavigation(request)) return session;
  return whileLive<LiveSession>(context, session, async (live) => {
    const { record, now } = live;
    if (record.key !== null) return live;
    const { lastActiveAt } = acceptActivity(record, { activeAt: now, now });
    const next: SessionRecord = {
      ...record,
      ...timesOf(record, context.policy),
      lastActiveAt,
      longestGap: Math.max(record.longestGap ?? 0, now - record.lastActiveAt),
    };
    const written = await replaceLive(context, record, next);
    if (written !== null)
      context.audit.record("session_renewed", written.now, record, {
        lastActiveAt: new Date(next.lastActiveAt).toISOString(),
        expiresAt: new Date(deadlinesOf(next).expiresAt).toISOString(),
        intent: "navigation",
      });
    return written;
  });
}
