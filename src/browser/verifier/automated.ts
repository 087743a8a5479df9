/** What follows where the policy refuses browsers that say they are automated. */
import type { ActiveStatus } from "../../protocol/session-status.js";

export function isRefused({ policy }: ActiveStatus, automated: boolean): boolean {
  return automated && policy.automated === "refuse";
}

/** The facts for this browser: one that is refused cannot extend, and whoever sits before it is told in time. */
export function factsFor(status: ActiveStatus, automated: boolean): ActiveStatus {
  return isRefused(status, automated) ? { ...status, canExtend: false } : status;
}
