/** What a session lives by, from its record and the policy: computed once for each record that is read or written. */
import { activityCouldExtend, deadlinesOf, endsAtOf, stricterTimeouts } from "../../session/deadlines.js";
import { periodsWithin } from "../policy/periods.js";
import type { Policy } from "../policy/policy.types.js";
import { resolveTimeouts, type SessionContext } from "../policy/resolve.js";
import type { SessionTerms } from "../record/outcome.js";
import type { SessionRecord } from "../record/session.js";

/** What the policy's rules go by. */
export function contextOf({ roles, attributes = {}, networks = [] }: SessionRecord): SessionContext {
  return { roles, attributes, networks };
}

/** The stricter of what the session was given and what the policy says now. */
export function termsOf(record: SessionRecord, policy: Policy): SessionTerms {
  const { authenticatedAt, lastActiveAt } = record;
  const current = resolveTimeouts(policy, contextOf(record));
  const times = { authenticatedAt, lastActiveAt, ...stricterTimeouts(record, current) };
  const deadlines = deadlinesOf(times);
  return {
    times,
    ...deadlines,
    endsAt: endsAtOf(deadlines, policy.enforceFromAt),
    ...periodsWithin(times.idleTimeout, current),
    ...(warnsEarly(record, policy) && activityCouldExtend(times) ? { warningPeriod: times.idleTimeout } : {}),
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
