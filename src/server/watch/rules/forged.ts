/** `forged`: somebody has a session's cookie and not its key. */
import type { AuditRecord } from "../../audit/audit-record.js";
import { type Occurrences, occurred } from "../occurrences.js";
import { bySession, watchRule } from "../rule.js";

/** No browser that Curfew runs in is refused for these. */
const FORGED: Readonly<Record<string, readonly string[]>> = {
  heartbeat_refused: ["signature", "alg", "typ", "key-mismatch"],
  key_refused: ["already-bound", "signature"],
  proof_refused: ["signature", "key-mismatch"],
};

export const forged = watchRule<"forged", Occurrences>({
  name: "forged",
  severity: "error",
  scope: "session",
  reads: Object.keys(FORGED),
  key: bySession,
  step(state, seen, limits) {
    const { type, code = "" }: AuditRecord = seen.record;
    if (!FORGED[type]?.includes(code)) return null;
    return occurred(state, seen, limits, `${type}: ${code}`);
  },
});
