/** What two policies give the same people on the same routes, compared: what `curfew policy diff` prints. */
import { isoInstant } from "../platform/clock.js";
import { writeDuration } from "./durations.js";
import { type Origin, originsOf, type Person, pathsOf, peopleOf, refuseTooMany } from "./occasions.js";
import type { Policy } from "./policy.types.js";
import { resolveRoute, resolveTimeouts, type SessionContext } from "./resolve.js";
import { networksOf } from "./rule-networks.js";
import { EARLY_RULES } from "./watch-thresholds.js";

/** One thing that the second policy says otherwise. */
export interface PolicyDifference {
  readonly effect: "looser" | "stricter";
  /** The policy's key, such as `idle`. */
  readonly key: string;
  readonly from: string;
  readonly to: string;
  /** For whom and where, the simplest case first. */
  readonly cases: readonly string[];
}

/** A value and how much it allows. */
interface Allowed {
  readonly text: string;
  readonly amount: number;
}

const NOTHING: Allowed = { text: "none", amount: Number.POSITIVE_INFINITY };
const duration = (value: number | null): Allowed =>
  value === null ? NOTHING : { text: writeDuration(value), amount: value };
const choice = (value: string, loose: string): Allowed => ({
  text: value,
  amount: value === loose ? 1 : 0,
});

/** What holds for the app as a whole. More of each is looser. */
const SETTINGS: Readonly<Record<string, (policy: Policy) => Allowed>> = {
  bindWithin: ({ bindPeriod }) => duration(bindPeriod),
  media: ({ mediaPeriod }) => (mediaPeriod === 0 ? { text: "none", amount: 0 } : duration(mediaPeriod)),
  reach: ({ reachPeriod }) => (reachPeriod === 0 ? { ...NOTHING, text: "false" } : duration(reachPeriod)),
  idpSkew: ({ idpSkew }) => duration(idpSkew),
  dismissWarning: ({ dismissWarning }) => choice(dismissWarning, "activity"),
  automated: ({ automated }) => choice(automated, "flag"),
  withoutScript: ({ withoutScript }) => choice(withoutScript, "navigation"),
  activity: ({ activity }) => choice(activity, "group"),
  staleSignIn: ({ staleSignIn }) => choice(staleSignIn, "browser"),
  maxSessions: ({ maxSessions }) => ({
    text: String(maxSessions ?? "any number"),
    amount: maxSessions ?? Number.POSITIVE_INFINITY,
  }),
  onLimit: ({ onLimit }) => choice(onLimit, "end-oldest"),
  enforceFrom: ({ enforceFromAt }) => ({
    text: enforceFromAt === null ? "enforced" : isoInstant(enforceFromAt),
    amount: enforceFromAt ?? 0,
  }),
  ...Object.fromEntries(
    EARLY_RULES.map((rule) => [
      `watch.warnEarly ${rule}`,
      ({ watch }: Policy) => choice(watch.warnEarly?.includes(rule) === true ? "yes" : "no", "no"),
    ]),
  ),
  unsafeForTesting: ({ unsafeForTesting }) => choice(String(unsafeForTesting), "true"),
};

/**
 * What the second policy gives otherwise than the first, to anybody, from anywhere, on any route: longer times, an earlier
 * proof that is still taken, a role that is not asked for any more, less time to answer the warning are looser. Names,
 * justifications and the standards that the policies are held to give nobody anything, so they are not compared.
 * @throws ConfigurationError where the rules make too many cases
 */
export function comparePolicies(first: Policy, second: Policy): readonly PolicyDifference[] {
  const found = new Map<string, { readonly difference: PolicyDifference; readonly cases: Set<string> }>();
  const compare = (key: string, from: Allowed, to: Allowed, where: string) => {
    if (from.amount === to.amount) return;
    const effect = to.amount > from.amount ? "looser" : "stricter";
    const difference = { effect, key, from: from.text, to: to.text, cases: [] } as const;
    const id = JSON.stringify(difference);
    const known = found.get(id) ?? { difference, cases: new Set() };
    found.set(id, known);
    known.cases.add(where);
  };
  for (const [key, of] of Object.entries(SETTINGS)) compare(key, of(first), of(second), "everybody");
  compareOccasions([first, second], compare);
  return [...found.values()].map(({ difference, cases }) => ({ ...difference, cases: [...cases] }));
}

type Compare = (key: string, from: Allowed, to: Allowed, where: string) => void;

function compareOccasions(policies: readonly [Policy, Policy], compare: Compare): void {
  const [first, second] = policies;
  const [people, origins, paths] = [peopleOf(policies), originsOf(policies), pathsOf(policies)];
  refuseTooMany(people.length * origins.length);
  const seen = new Set<string>();
  for (const person of people)
    for (const origin of origins) {
      const contexts = both(policies, (policy) => contextOf(policy, person, origin));
      const before = resolveTimeouts(first, contexts[0]);
      const after = resolveTimeouts(second, contexts[1]);
      const where = caseOf(person, origin);
      compare("idle", duration(before.idleTimeout), duration(after.idleTimeout), where);
      compare("absolute", duration(before.absoluteTimeout), duration(after.absoluteTimeout), where);
      compare("warning", lessOf(before.warningPeriod), lessOf(after.warningPeriod), where);
      compare("heartbeat", duration(before.heartbeatInterval), duration(after.heartbeatInterval), where);
      const routed = [seenByRoutes(first, contexts[0]), seenByRoutes(second, contexts[1])];
      const alike = JSON.stringify([routed, before.idleTimeout, after.idleTimeout]);
      if (seen.has(alike)) continue;
      seen.add(alike);
      refuseTooMany(seen.size * paths.length);
      for (const path of paths)
        compareDemands(
          demandOf(first, contexts[0], path, before.idleTimeout),
          demandOf(second, contexts[1], path, after.idleTimeout),
          `${where} on ${path}`,
          compare,
        );
    }
}

/** What of a session the rules for routes can see: two of which they see the same get the same. */
function seenByRoutes({ rules }: Policy, { roles, attributes, networks }: SessionContext): unknown {
  const routed = rules.filter((rule) => rule.routes !== null);
  const named = routed.some((rule) => rule.networks !== null) ? networks : [];
  const wanted = routed.flatMap((rule) => Object.keys(rule.attributes ?? {}));
  return [
    roles.filter((role) => routed.some((rule) => rule.roles?.includes(role))),
    wanted.map((name) => (Object.hasOwn(attributes, name) ? attributes[name] : null)),
    named,
  ];
}

/** Less time to answer is looser for whoever has to keep to WCAG 2.2.1. */
const lessOf = (warningPeriod: number): Allowed => ({
  text: writeDuration(warningPeriod),
  amount: -warningPeriod,
});

function compareDemands(before: Demand, after: Demand, where: string, compare: Compare): void {
  if (before.isAsked || after.isAsked) compare("idle", duration(before.idle), duration(after.idle), where);
  compare("fresh", duration(before.fresh), duration(after.fresh), where);
  const isAsStrict = (one: RequiredRoles, other: RequiredRoles) =>
    one.every((roles) => other.some((few) => few.every((role) => roles.includes(role))));
  const roles = [before.roles, after.roles] as const;
  const [from, to] = both(roles, textOfRoles);
  // Other roles are both: some may pass who could not, and others may not who could.
  if (!isAsStrict(...roles))
    compare("requireRoles", { text: from, amount: 0 }, { text: to, amount: 1 }, where);
  if (!isAsStrict(after.roles, before.roles))
    compare("requireRoles", { text: from, amount: 1 }, { text: to, amount: 0 }, where);
}

type RequiredRoles = readonly (readonly string[])[];

const textOfRoles = (required: RequiredRoles) =>
  required.map((roles) => roles.join(" or ")).join(" and ") || "none";

function both<Value, Result>(
  [first, second]: readonly [Value, Value],
  of: (value: Value) => Result,
): readonly [Result, Result] {
  return [of(first), of(second)];
}

function contextOf(policy: Policy, person: Person, { address, isRelayed }: Origin): SessionContext {
  return { ...person, networks: networksOf(policy, address, isRelayed) };
}

/** What a route asks for, bounded by what the session has: a route gives nobody more. */
interface Demand {
  readonly isAsked: boolean;
  readonly idle: number;
  readonly fresh: number | null;
  readonly roles: RequiredRoles;
}

export function demandOf(policy: Policy, context: SessionContext, path: string, ofSession: number): Demand {
  const { idleTimeout, freshPeriod, requiredRoles } = resolveRoute(policy, context, path);
  const isAsked = idleTimeout !== null && idleTimeout < ofSession;
  return { isAsked, idle: isAsked ? idleTimeout : ofSession, fresh: freshPeriod, roles: requiredRoles };
}

/** For whom and from where, in words. */
export function caseOf(person: Person, { address, isRelayed }: Origin): string {
  const whom = whoOf(person);
  if (address === null) return `${whom} from an address that nobody knows`;
  return `${whom} ${isRelayed ? "behind an unknown proxy at" : "from"} ${address}`;
}

export function whoOf({ roles, attributes }: Person): string {
  const of = [
    ...roles.map((role) => `role ${JSON.stringify(role)}`),
    ...Object.entries(attributes).map(([name, value]) => `${name} = ${JSON.stringify(value)}`),
  ].join(" and ");
  return of || "whoever has no role and attribute that a rule names";
}
