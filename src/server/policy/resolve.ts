/** What a policy says for one session and for one route: its numbers, and the rules that match. */
import { remembering } from "../platform/recent.js";
import { fittingPeriods, type Numbers, type WantedPeriods } from "./periods.js";
import type { AttributeValue, Policy, PolicyRule } from "./policy.types.js";
import { readingsOf, routeMatcher } from "./routes.js";
import { RELAYED, UNKNOWN_NETWORK } from "./rule-networks.js";

/** What the rules go by. */
export interface SessionContext {
  readonly roles: readonly string[];
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  /** The rules' networks that the client's address lies in, or `UNKNOWN_NETWORK` (`networksOf`). */
  readonly networks: readonly string[];
}

/** The numbers of one session, in milliseconds. */
interface Resolved extends Numbers {
  /** The rules that matched, by label. */
  readonly rules: readonly string[];
}

/** What a route asks for beyond a live session. Durations in milliseconds; null: nothing. */
interface RouteDemand {
  /** The longest time without activity. */
  readonly idleTimeout: number | null;
  /** The longest time since authentication. */
  readonly freshPeriod: number | null;
  /** Of each list one role is needed. */
  readonly requiredRoles: readonly (readonly string[])[];
  /** The rules that hold, by label. */
  readonly rules: readonly string[];
}

/** The numbers of a session: what relaxes lifts the policy's, then the strictest of the other rules that match wins. */
export function resolveTimeouts(policy: Policy, context: SessionContext): Resolved {
  const matching = policy.rules.flatMap((rule, place) =>
    rule.routes === null && concerns(rule, context) ? [place] : [],
  );
  return resolverOf(policy)(matching.join(" "));
}

/** For how many sets of rules that match together the numbers are kept. */
const REMEMBERED_SETS = 1_000;

const resolvers = new WeakMap<Policy, (places: string) => Resolved>();

/** The numbers by the places of the rules that match: each request asks for them, and most match alike. */
function resolverOf(policy: Policy): (places: string) => Resolved {
  const known = resolvers.get(policy);
  if (known !== undefined) return known;
  const resolver = remembering(REMEMBERED_SETS, (places) => {
    const matching = new Set(places.split(" "));
    return resolveRules(
      policy,
      policy.rules.filter((_, place) => matching.has(String(place))),
    );
  });
  resolvers.set(policy, resolver);
  return resolver;
}

/** The numbers where exactly these rules match. */
export function resolveRules(policy: Omit<Policy, "fingerprint">, matching: readonly PolicyRule[]): Resolved {
  const absoluteTimeout = combined(policy, matching, "absoluteTimeout");
  const wanted = combined(policy, matching, "idleTimeout");
  const idleTimeout = Math.min(wanted, absoluteTimeout);
  const givers = matching.filter((rule) => rule.idleTimeout === wanted);
  const periods = fittingPeriods(idleTimeout, wantedPeriods(policy, givers, wanted), policy.unsafeForTesting);
  return { idleTimeout, absoluteTimeout, ...periods, rules: matching.map(({ label }) => label) };
}

function combined(
  policy: Omit<Policy, "fingerprint">,
  matching: readonly PolicyRule[],
  key: "idleTimeout" | "absoluteTimeout",
): number {
  const said = (relax: boolean) =>
    numbersIn(matching.filter((rule) => rule.relax === relax).map((r) => r[key]));
  const lifted = said(true);
  const base = lifted.length > 0 ? Math.max(policy[key], Math.min(...lifted)) : policy[key];
  return Math.min(base, ...said(false));
}

/** The periods of the rules that gave the idle timeout: among equals the longest warning and the shortest heartbeat. */
function wantedPeriods(
  policy: Omit<Policy, "fingerprint">,
  givers: readonly PolicyRule[],
  idleTimeout: number,
): WantedPeriods {
  const warnings = numbersIn(givers.map((rule) => rule.warningPeriod));
  const heartbeats = numbersIn(givers.map((rule) => rule.heartbeatInterval));
  const own = idleTimeout === policy.idleTimeout ? policy : null;
  return {
    warningPeriod: warnings.length > 0 ? Math.max(...warnings) : (own?.warningPeriod ?? null),
    heartbeatInterval: heartbeats.length > 0 ? Math.min(...heartbeats) : (own?.heartbeatInterval ?? null),
  };
}

/**
 * What the policy's rules for routes ask of a session on this path. Where no pattern matches the path, or the path
 * cannot be read, the strictest of all of them holds; where the path can be read in several ways, the strictest way.
 */
export function resolveRoute(policy: Policy, context: SessionContext, path: string): RouteDemand {
  const routed = policy.rules.filter((rule) => rule.routes !== null);
  if (routed.length === 0) return { idleTimeout: null, freshPeriod: null, requiredRoles: [], rules: [] };
  const holding = new Set(
    readingsOf(path)?.flatMap((reading) => {
      const matching = routed.filter((rule) => matcherOf(rule)(reading));
      return matching.length > 0 ? matching.filter((rule) => concerns(rule, context)) : routed;
    }) ?? routed,
  );
  const rules = routed.filter((rule) => holding.has(rule));
  return {
    idleTimeout: strictest(rules.map((rule) => rule.idleTimeout)),
    freshPeriod: strictest(rules.flatMap((rule) => [rule.freshPeriod, rule.absoluteTimeout])),
    requiredRoles: rules.flatMap(({ requiredRoles }) => (requiredRoles === undefined ? [] : [requiredRoles])),
    rules: rules.map(({ label }) => label),
  };
}

/** Whether the rule's roles, attributes and networks, as far as it names them, are the session's. */
function concerns({ roles, attributes, networks, relax }: PolicyRule, context: SessionContext): boolean {
  return (
    (roles === null || roles.some((role) => context.roles.includes(role))) &&
    (networks === null || liesInAny(networks, relax, context.networks)) &&
    (attributes === null ||
      Object.entries(attributes).every(
        ([name, value]) => Object.hasOwn(context.attributes, name) && context.attributes[name] === value,
      ))
  );
}

/** An unknown address is taken for the stricter case: what tightens holds, what relaxes does not. */
function liesInAny(networks: readonly string[], relax: boolean, known: readonly string[]): boolean {
  if (known.includes(UNKNOWN_NETWORK)) return !relax;
  if (relax && known.includes(RELAYED)) return false;
  return networks.some((network) => known.includes(network));
}

const matchers = new WeakMap<PolicyRule, (path: string) => boolean>();

/** Compiled once for each rule, which stays plain data. */
function matcherOf(rule: PolicyRule): (path: string) => boolean {
  const matcher = matchers.get(rule) ?? routeMatcher(rule.routes ?? []);
  matchers.set(rule, matcher);
  return matcher;
}

/** The least of the numbers that are said; null where none is. */
export function strictest(said: readonly (number | null)[]): number | null {
  const numbers = numbersIn(said);
  return numbers.length > 0 ? Math.min(...numbers) : null;
}

function numbersIn(said: readonly (number | null)[]): readonly number[] {
  return said.filter((number) => number !== null);
}
