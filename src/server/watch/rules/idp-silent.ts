/** `idp-silent`: a sign-in rested on an authentication from before the end. */
import { type Occurrences, occurred } from "../occurrences.js";
import { bySubject, watchRule } from "../rule.js";

export const idpSilent = watchRule<"idp-silent", Occurrences>({
  name: "idp-silent",
  severity: "notice",
  scope: "subject",
  reads: ["idp_silent_sign_in"],
  key: bySubject,
  step: (state, seen, limits) =>
    occurred(state, seen, limits, `refused for the end of ${seen.record.code ?? "a session"}`),
});
