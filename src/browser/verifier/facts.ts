/** What this browser makes of a status: one that the policy refuses cannot extend, and news of another tab moves the deadlines. */
import type { ActiveStatus } from "../../protocol/session-status.js";
import { activityCouldExtend, deadlinesOf } from "../../session/deadlines.js";
import { warnAtOf } from "../../session/machine.js";

/** How long before a warning the server is asked, so that the answer is there in time. */
export const AHEAD_PERIOD = 2500;

/** When the server is asked at the latest, by its own time: ahead of the warning, or at its beginning where that is near. */
export function nextQuestionAt(status: ActiveStatus): number {
  const warnAt = warnAtOf(status);
  return status.now < warnAt - AHEAD_PERIOD ? warnAt - AHEAD_PERIOD : warnAt;
}

/** Whether the policy refuses browsers that say they are automated, as this one does. */
export function isRefused({ policy }: ActiveStatus, automated: boolean): boolean {
  return automated && policy.automated === "refuse";
}

/** The facts for this browser: one that is refused cannot extend, and whoever sits before it is told in time. */
export function factsFor(status: ActiveStatus, automated: boolean): ActiveStatus {
  return isRefused(status, automated) ? { ...status, canExtend: false } : status;
}

/** What follows from another tab's news of activity: computed from what the server itself said, so it can promise no more. */
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
