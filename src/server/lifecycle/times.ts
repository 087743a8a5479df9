/** What a session lives by, from its record and the policy: computed once for each record that is read or written. */
import { activityCouldExtend, deadlinesOf, endsAtOf, stricterTimeouts } from "../../session/deadlines.js";
import { periodsWithin } from "../policy/periods.js";
import type { Policy } from "../policy/policy.types.js";
import { resolveTimeouts, type SessionContext } from "../policy/resolve.js";
import type { SessionTerms } from "../record/outcome.js";
import type { SessionRecord } from "../record/session.js";

/** What the policy's rules go by. */
export function contextOf(
  { roles, attributes = {}, networks = [] }: SessionRecord,
  seenIn = networks,
): SessionContext {
  return { roles, attributes, networks: seenIn };
}

/**
 * The stricter of what the session was given and what the policy says now.
 * @param networks absent: the record's
 */
export function termsOf(record: SessionRecord, policy: Policy, networks?: readonly string[]): SessionTerms {
  const { authenticatedAt, lastActiveAt } = record;
  const current = resolveTimeouts(policy, contextOf(record, networks));
  const { idleTimeout, absoluteTimeout } = stricterTimeouts(record, current);
  const times = { authenticatedAt, lastActiveAt, idleTimeout, absoluteTimeout };
  const { idleExpiresAt, absoluteExpiresAt, expiresAt, cause } = deadlinesOf(times);
  const { warningPeriod, heartbeatInterval } = periodsWithin(idleTimeout, current);
  return {
    times,
    idleExpiresAt,
    absoluteExpiresAt,
    expiresAt,
    cause,
    endsAt: endsAtOf({ expiresAt }, policy.enforceFromAt),
    warningPeriod: warnsEarly(record, policy) && activityCouldExtend(times) ? idleTimeout : warningPeriod,
    heartbeatInterval,
  };
}

/** Whether a suspicion has opened the warning that nobody has answered since: it is there as long as the session could go on. */
function warnsEarly({ early }: SessionRecord, { watch }: Policy): boolean {
  return early !== undefined && (watch.warnEarly ?? []).some((rule) => rule === early.rule);
}

/** The timeouts that the policy gives a session of that person, from these networks. */
export function timeoutsFor(
  policy: Policy,
  { roles = [], attributes = {} }: Partial<Pick<SessionContext, "roles" | "attributes">>,
  networks: readonly string[],
): Pick<SessionRecord, "idleTimeout" | "absoluteTimeout"> {
  const { idleTimeout, absoluteTimeout } = resolveTimeouts(policy, { roles, attributes, networks });
  return { idleTimeout, absoluteTimeout };
}
