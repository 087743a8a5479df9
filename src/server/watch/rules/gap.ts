/** `gap`: records are missing from the trail. */
import { type Occurrences, occurred } from "../occurrences.js";
import { byApp, watchRule } from "../rule.js";

export const gap = watchRule<"gap", Occurrences>({
  name: "gap",
  severity: "error",
  scope: "app",
  reads: ["audit_gap"],
  key: byApp,
  step: (state, seen, limits) =>
    occurred(state, seen, limits, `${seen.record.count ?? 1} records are missing here`),
});
