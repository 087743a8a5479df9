/** `clock`: the store's clock has stepped, so deadlines have moved by as much or were held. */
import { type Occurrences, occurred } from "../occurrences.js";
import { byApp, watchRule } from "../rule.js";

export const clock = watchRule<"clock", Occurrences>({
  name: "clock",
  severity: "error",
  scope: "app",
  reads: ["clock_stepped"],
  key: byApp,
  step: (state, seen, limits) =>
    occurred(state, seen, limits, `the store's clock stepped by ${seen.record.step ?? "?"} ms`),
});
