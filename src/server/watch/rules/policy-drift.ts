/** `policy-drift`: nodes run different policies, or one has begun with a looser policy than before. */
import type { AuditRecord } from "../../audit/audit-record.js";
import { memberOf } from "../../platform/members.js";
import { type Occurrences, occurred } from "../occurrences.js";
import { byApp, watchRule } from "../rule.js";

export const policyDrift = watchRule<"policy-drift", Occurrences>({
  name: "policy-drift",
  severity: "warning",
  scope: "app",
  reads: ["policy_drift", "policy_changed"],
  key: byApp,
  step(state, seen, limits) {
    const { record } = seen;
    if (isNoLooser(record)) return null;
    const type: string = record.type;
    return occurred(
      state,
      seen,
      limits,
      type === "policy_drift" ? "nodes run different policies" : "the policy has become looser",
    );
  },
});

/** A stricter policy is somebody's work, and no drift. */
function isNoLooser(record: AuditRecord): boolean {
  const type: string = record.type;
  return type === "policy_changed" && memberOf(record, "looser") !== true;
}
