/** The rules of a policy: read from what people write, and held to the policy that they are a part of. */
import { readConfiguration } from "./configuration.js";
import { writeDuration as text } from "./durations.js";
import { fittingPeriods, MIN_HEARTBEAT, MIN_WARNING, mistakesInNumbers, type Numbers } from "./periods.js";
import type { PolicyRule } from "./policy.types.js";
import { ruleSchema } from "./policy-schema.js";

/** What a rule is held to. */
interface RuleBounds extends Numbers {
  readonly unsafeForTesting: boolean;
}

/**
 * Reads one rule.
 * @throws ConfigurationError naming each key that is wrong
 */
export function readRule(options: unknown, index: number): PolicyRule {
  const rule = readConfiguration(ruleSchema, options, rulePath(index));
  return {
    label: rule.name ?? `rules[${index}]`,
    roles: rule.roles ?? null,
    attributes: rule.attributes ? { ...rule.attributes } : null,
    routes: rule.routes ?? null,
    networks: rule.networks ?? null,
    idleTimeout: rule.idle ?? null,
    absoluteTimeout: rule.absolute ?? null,
    warningPeriod: rule.warning ?? null,
    heartbeatInterval: rule.heartbeat ?? null,
    freshPeriod: rule.fresh ?? null,
    ...(rule.requireRoles === undefined ? {} : { requiredRoles: rule.requireRoles }),
    relax: rule.relax,
    justification: rule.justification ?? null,
  };
}

/** What is wrong with the rules, in sentences. */
export function mistakesInRules(rules: readonly PolicyRule[], policy: RuleBounds): readonly string[] {
  return rules.flatMap((rule, index) => {
    const at = rulePath(index);
    const isSession = rule.routes === null;
    return [
      ...nameMistakes(rules, rule, index),
      ...shapeMistakes(at, rule),
      ...(rule.relax && isSession ? relaxMistakes(at, rule, policy) : tightenMistakes(at, rule, policy)),
      ...(isSession ? sessionMistakes(at, rule, policy) : routeMistakes(at, rule, policy)),
    ];
  });
}

function rulePath(index: number): string {
  return `policy.rules[${index}]`;
}

function only(...mistakes: readonly (string | false)[]): readonly string[] {
  return mistakes.filter((mistake) => mistake !== false);
}

function nameMistakes(rules: readonly PolicyRule[], { label }: PolicyRule, index: number): readonly string[] {
  const first = rules.findIndex((rule) => rule.label === label);
  return only(
    first < index &&
      `${rulePath(index)}.name "${label}" is the name of ${rulePath(first)} too; give each rule a name of its own`,
    /^rules\[\d+\]$/.test(label) &&
      label !== `rules[${index}]` &&
      `${rulePath(index)}.name "${label}" is what a rule without a name is called; write another name`,
  );
}

function shapeMistakes(at: string, rule: PolicyRule): readonly string[] {
  const { roles, attributes, routes, networks, idleTimeout, absoluteTimeout } = rule;
  const periods =
    rule.warningPeriod !== null ? "warning" : rule.heartbeatInterval !== null ? "heartbeat" : null;
  const isSession = routes === null;
  const requires = rule.requiredRoles !== undefined;
  const selector = roles !== null ? "roles" : attributes !== null ? "attributes" : networks && "networks";
  const isGeneral = roles === null && attributes === null && isSession && networks === null;
  return only(
    isGeneral &&
      `${at} names no selector; write roles, attributes, routes or networks, or write its numbers in the policy itself`,
    isSession &&
      !requires &&
      [idleTimeout, absoluteTimeout, rule.freshPeriod, periods].every((said) => said === null) &&
      `${at} says nothing; write idle or absolute, or leave the rule out`,
    isSession &&
      rule.freshPeriod !== null &&
      `${at}.fresh is asked for by routes; write routes: ["/**"] for all of them, or absolute: "${text(rule.freshPeriod)}" to end the session then`,
    isSession &&
      requires &&
      `${at}.requireRoles is asked for by routes; write routes: ["/**"] for all of them`,
    !isSession &&
      requires &&
      selector !== null &&
      `${at} has requireRoles and ${selector}, so whoever ${selector} leaves out would pass; leave ${selector} out: roles that a route requires are required of everybody`,
    isSession &&
      periods !== null &&
      idleTimeout === null &&
      `${at}.${periods} goes with the rule's own idle; write idle too`,
    !isSession &&
      periods !== null &&
      `${at}.${periods} is of a whole session; leave it out of a rule with routes`,
    !isSession &&
      rule.relax &&
      `${at} has routes and relax: a route can only tighten, as a session has one deadline in all its tabs; relax by role, attribute or network`,
  );
}

function tightenMistakes(at: string, rule: PolicyRule, policy: RuleBounds): readonly string[] {
  const otherwise =
    rule.routes === null ? ", or relax: true with a justification" : ", as a route can only tighten";
  const longer = (key: string, said: number | null, most: number) =>
    said !== null &&
    said > most &&
    `${at}.${key} (${text(said)}) is longer than policy.${key} (${text(most)}); write ${key}: "${text(most)}" or less${otherwise}`;
  return only(
    longer("idle", rule.idleTimeout, policy.idleTimeout),
    longer("absolute", rule.absoluteTimeout, policy.absoluteTimeout),
  );
}

function relaxMistakes(at: string, rule: PolicyRule, policy: RuleBounds): readonly string[] {
  const { idleTimeout, absoluteTimeout } = rule;
  const shorter = (key: string, said: number | null, least: number) =>
    said !== null &&
    said < least &&
    `${at}.${key} (${text(said)}) is shorter than policy.${key} (${text(least)}), and the rule relaxes; write it in a rule of its own, without relax`;
  const mistakes = only(
    shorter("idle", idleTimeout, policy.idleTimeout),
    shorter("absolute", absoluteTimeout, policy.absoluteTimeout),
  );
  const isLooser = (idleTimeout ?? 0) > policy.idleTimeout || (absoluteTimeout ?? 0) > policy.absoluteTimeout;
  if (mistakes.length > 0 || isLooser) return mistakes;
  return [
    `${at} relaxes nothing: neither idle nor absolute is longer than the policy's; make one longer, or leave relax out`,
  ];
}

/** The numbers of a session for which this rule alone matches keep the policy's own bounds. */
function sessionMistakes(at: string, rule: PolicyRule, policy: RuleBounds): readonly string[] {
  const idle = rule.idleTimeout ?? policy.idleTimeout;
  const absolute = rule.absoluteTimeout ?? policy.absoluteTimeout;
  const idleAt = rule.idleTimeout === null ? "policy.idle" : `${at}.idle`;
  const absoluteAt = rule.absoluteTimeout === null ? "policy.absolute" : `${at}.absolute`;
  const fix =
    rule.idleTimeout === null
      ? `write an idle of ${text(absolute)} or less in the rule too`
      : rule.absoluteTimeout === null
        ? `write a longer absolute in the rule too, or idle: "${text(absolute)}" or less`
        : "make idle the shorter one";
  const hasOwn = rule.idleTimeout !== null || rule.absoluteTimeout !== null;
  return [
    ...only(
      hasOwn &&
        idle > absolute &&
        `${idleAt} (${text(idle)}) is longer than ${absoluteAt} (${text(absolute)}); ${fix}`,
    ),
    ...(rule.idleTimeout === null ? [] : periodMistakes(at, rule, idle, policy.unsafeForTesting)),
  ];
}

function periodMistakes(
  at: string,
  rule: PolicyRule,
  idleTimeout: number,
  unsafe: boolean,
): readonly string[] {
  const least = MIN_WARNING + 2 * MIN_HEARTBEAT;
  if (idleTimeout < least && !unsafe)
    return [
      `${at}.idle (${text(idleTimeout)}) leaves no room for a warning of 25s (WCAG 2.2.1) and a heartbeat of 1s; write idle: "${text(least)}" or more`,
    ];
  const fitting = fittingPeriods(idleTimeout, rule, unsafe);
  const warningPeriod = rule.warningPeriod ?? fitting.warningPeriod;
  const heartbeatInterval = rule.heartbeatInterval ?? fitting.heartbeatInterval;
  const numbers = { idleTimeout, absoluteTimeout: idleTimeout, warningPeriod, heartbeatInterval };
  return mistakesInNumbers(at, numbers, unsafe);
}

/** A route that allows less than two heartbeats would refuse a person who is typing. */
function routeMistakes(at: string, rule: PolicyRule, { heartbeatInterval }: RuleBounds): readonly string[] {
  const { idleTimeout, absoluteTimeout } = rule;
  return only(
    idleTimeout !== null &&
      idleTimeout < 2 * heartbeatInterval &&
      `${at}.idle (${text(idleTimeout)}) is under two heartbeats of ${text(heartbeatInterval)}, so it would refuse people who are active; write idle: "${text(2 * heartbeatInterval)}" or more, or policy.heartbeat: "${Math.floor(idleTimeout / 2)}ms" or less`,
    idleTimeout !== null &&
      absoluteTimeout !== null &&
      idleTimeout > absoluteTimeout &&
      `${at}.idle (${text(idleTimeout)}) is longer than ${at}.absolute (${text(absoluteTimeout)}); make idle the shorter one`,
  );
}
