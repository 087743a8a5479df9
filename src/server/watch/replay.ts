/** The rules over an old trail: what they would have told, before they are switched on. The same code as on a verifier that runs. */
import type { AuditRecord } from "../audit/audit-record.js";
import { memberOf } from "../platform/members.js";
import type { Policy } from "../policy/policy.types.js";
import type { WatchRuleName } from "../policy/watch.types.js";
import { DEFAULT_WATCH } from "../policy/watch-thresholds.js";
import type { Alert } from "./alert.js";
import type { WatchedTerms } from "./rule.js";
import { createWatcher } from "./watcher.js";

export interface ReplayOptions {
  /** Whose thresholds hold, as `readPolicy` has made it. Default: the thresholds that the rules come with. */
  readonly policy?: Policy;
  /** Default: all. */
  readonly rules?: readonly WatchRuleName[];
}

/** What a policy says by itself; a trail that begins with none is judged by it. */
const USUAL: WatchedTerms = { idleTimeout: 15 * 60_000, warningPeriod: 2 * 60_000 };

/**
 * Yields each alert when its record comes. Nothing of the trail is held but what the rules keep.
 * @param records in the order of the trail
 */
export async function* alertsIn(
  records: AsyncIterable<AuditRecord> | Iterable<AuditRecord>,
  { policy, rules }: ReplayOptions = {},
): AsyncIterable<Alert> {
  const terms = { ...USUAL, ...(policy === undefined ? {} : termsIn(policy)) };
  const watcher = createWatcher({
    watch: policy?.watch ?? DEFAULT_WATCH,
    terms: () => terms,
    ...(rules === undefined ? {} : { rules }),
  });
  for await (const record of records) {
    if (record.type === "policy_in_force") Object.assign(terms, termsIn(documentIn(record)));
    yield* watcher.see(record);
  }
}

function termsIn(policy: unknown): Partial<WatchedTerms> {
  const numbers = (["idleTimeout", "warningPeriod"] as const).flatMap((name) => {
    const value = memberOf(policy, name);
    return typeof value === "number" ? [[name, value] as const] : [];
  });
  return Object.fromEntries(numbers);
}

function documentIn({ document = "" }: AuditRecord): unknown {
  try {
    return JSON.parse(document);
  } catch {
    return null;
  }
}
