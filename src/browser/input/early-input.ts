/** Input from before a tab's first answer: kept, unless a warning was open by then that only an explicit answer may close. */
import type { ActiveStatus } from "../../protocol/session-status.js";
import type { UnsentActivity } from "./pending.js";

export function forgetInputInWarning(
  unsent: Pick<UnsentActivity, "at" | "forget">,
  { policy, expiresAt, warningPeriod }: ActiveStatus,
): void {
  const at = unsent.at();
  if (at !== null && at >= expiresAt - warningPeriod && policy.dismissWarning !== "activity") unsent.forget();
}
