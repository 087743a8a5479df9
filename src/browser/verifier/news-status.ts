/** The status that follows from another tab's news of activity: computed from what the server itself said, so it can promise no more. */
import type { ActiveStatus } from "../../protocol/session-status.js";
import { activityCouldExtend, deadlinesOf } from "../../session/deadlines.js";

export function statusAfter(
  status: ActiveStatus,
  news: { readonly now: number; readonly activeAt: number },
): ActiveStatus {
  const times = { ...status, now: news.now, lastActiveAt: Math.max(status.lastActiveAt, news.activeAt) };
  const { idleExpiresAt, absoluteExpiresAt, expiresAt } = deadlinesOf(times);
  return {
    ...times,
    idleExpiresAt,
    absoluteExpiresAt,
    expiresAt: Math.max(expiresAt, status.policy.enforceFromAt ?? expiresAt),
    canExtend: activityCouldExtend(times),
  };
}
