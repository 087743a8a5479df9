/**
 * Notices sessions that browsers use and that never get a key: nothing that a person does in them counts, so that they
 * end under the person's hands, as if nobody had been there.
 */
import type { Logger } from "../platform/logger.js";
import { putRecent } from "../platform/recent.js";
import type { Policy } from "../policy/policy.types.js";
import type { UnboundSessions } from "./context.js";

interface UnboundSessionsOptions {
  readonly policy: Pick<Policy, "withoutScript">;
  /** The base path of the protocol. */
  readonly base: string;
  readonly logger: Logger;
}

/** How often the log is told again, while it goes on. */
const TELL_INTERVAL = 60 * 60_000;
const CAPACITY = 10_000;

export function createUnboundSessions({ policy, base, logger }: UnboundSessionsOptions): UnboundSessions {
  const used = new Map<string, true>();
  let [ends, unbound, toldAt] = [0, 0, Number.NEGATIVE_INFINITY];
  return {
    usedByBrowser(sid) {
      // Without scripts nothing binds keys, and the policy knows it.
      if (policy.withoutScript !== "never") return;
      putRecent(used, CAPACITY, sid, true);
    },
    ended({ sid, key }, { reason }, now) {
      if (!used.delete(sid) || reason !== "idle") return;
      ends++;
      if (key !== null) return;
      unbound++;
      if (now < toldAt + TELL_INTERVAL) return;
      logger.warn(
        `curfew: of ${ends} ${ends === 1 ? "session" : "sessions"} that browsers used and that ended for lack of activity, ${unbound} never bound a key, so that nothing a person did could count: is the script on the pages? is POST ${base}/key reached? (A CSRF layer, a firewall, a CSP, another base or a build without the script keeps it from being bound. Where people work without script, write withoutScript: "navigation" in the policy.)`,
      );
      [ends, unbound, toldAt] = [0, 0, now];
    },
  };
}
