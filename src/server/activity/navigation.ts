/**
 * Activity without a script: the navigations that a browser says a person made (Fetch Metadata). Only where the policy
 * says `withoutScript: "navigation"`, only by `sessions.page()`, and only until a key is bound.
 */
import { acceptActivity, deadlinesOf } from "../../session/deadlines.js";
import { recordThinned } from "../audit/thinned.js";
import type { ServerContext } from "../lifecycle/context.js";
import { replaceLive, whileLive } from "../lifecycle/settle.js";
import type { EndedSession, LiveSession } from "../record/outcome.js";
import type { SessionRecord } from "../record/session.js";

/**
 * The session after a navigation; unchanged where it has a key or the policy says otherwise.
 * @param isPersons whether the browser says that a person made it
 */
export async function extendByNavigation(
  context: ServerContext,
  session: LiveSession,
  isPersons: boolean,
): Promise<LiveSession | EndedSession | null> {
  if (context.policy.withoutScript !== "navigation" || !isPersons) return session;
  return whileLive<LiveSession>(context, session, async (live) => {
    const { record, terms, now } = live;
    if (record.key !== null) return live;
    const { lastActiveAt } = acceptActivity(record, { activeAt: now, now });
    const next: SessionRecord = {
      ...record,
      ...terms.times,
      lastActiveAt,
      longestGap: Math.max(record.longestGap ?? 0, now - record.lastActiveAt),
    };
    const written = await replaceLive(context, live, next);
    if (written !== null)
      // Whoever has the cookie can send a navigation's headers by the thousand.
      recordThinned(context, "session_renewed", now, record, {
        lastActiveAt: next.lastActiveAt,
        expiresAt: deadlinesOf(next).expiresAt,
        intent: "navigation",
      });
    return written;
  });
}
