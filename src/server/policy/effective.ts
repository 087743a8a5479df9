/** What the policy gives each role, attribute, address and route, as a table: by the functions that a session's times come of. */
import { caseOf, demandOf, whoOf } from "./difference.js";
import { originsOf, pathsOf, peopleOf, refuseTooMany } from "./occasions.js";
import type { Policy } from "./policy.types.js";
import { resolveTimeouts } from "./resolve.js";
import { networksOf } from "./rule-networks.js";

/** Durations in milliseconds. */
export interface EffectiveTimes {
  readonly who: string;
  /** Paths that get the same; none: every other route. */
  readonly paths: readonly string[];
  readonly idleTimeout: number;
  readonly absoluteTimeout: number;
  readonly warningPeriod: number;
  readonly heartbeatInterval: number;
  /** The oldest proof of identity that is taken; null: any. */
  readonly freshPeriod: number | null;
  /** Of each list one role is needed. */
  readonly requiredRoles: readonly (readonly string[])[];
}

/**
 * For each role and attribute that a rule names, alone and with what relaxes, and for both sides of each network's edge: the
 * session's own times first, then each set of paths on which something else is asked for.
 * @throws ConfigurationError where the rules make too many cases
 */
export function effectiveTimes(policy: Policy): readonly EffectiveTimes[] {
  const policies = [policy];
  const [people, origins, paths] = [peopleOf(policies), originsOf(policies), pathsOf(policies)];
  refuseTooMany(people.length * origins.length * Math.max(1, paths.length));
  return people.flatMap((person) =>
    origins.flatMap((origin) => {
      const context = { ...person, networks: networksOf(policy, origin.address, origin.isRelayed) };
      const { rules: _rules, ...times } = resolveTimeouts(policy, context);
      const who = origins.length === 1 ? whoOf(person) : caseOf(person, origin);
      const own = { who, paths: [], ...times, freshPeriod: null, requiredRoles: [] };
      const demanding = paths.map((path) => {
        const { idle, fresh, roles } = demandOf(policy, context, path, times.idleTimeout);
        return { path, ...own, idleTimeout: idle, freshPeriod: fresh, requiredRoles: roles };
      });
      return [own, ...gathered(demanding, own)];
    }),
  );
}

/** Paths that get the same in one row; what is the session's own is in its own row. */
function gathered(
  rows: readonly (EffectiveTimes & { readonly path: string })[],
  own: EffectiveTimes,
): readonly EffectiveTimes[] {
  const keyOf = ({ idleTimeout, freshPeriod, requiredRoles }: EffectiveTimes) =>
    JSON.stringify([idleTimeout, freshPeriod, requiredRoles]);
  const found = new Map<string, EffectiveTimes>();
  for (const { path, ...row } of rows) {
    const key = keyOf(row);
    if (key === keyOf(own)) continue;
    found.set(key, { ...row, paths: [...(found.get(key)?.paths ?? []), path] });
  }
  return [...found.values()];
}
