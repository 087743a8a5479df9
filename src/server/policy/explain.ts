/** A policy in plain text, for people and auditors: what `curfew policy` prints. Same policy, same bytes. */
import { isoInstant } from "../platform/clock.js";
import { ConfigurationError } from "../platform/errors.js";
import { memberOf } from "../platform/members.js";
import { writeDuration as text } from "./durations.js";
import { watchLines } from "./explain-watch.js";
import type { Policy, PolicyRule } from "./policy.types.js";
import { presetOf } from "./presets.js";
import { standardMistakes, standards } from "./standards.js";

const WIDTH = 14;
const UNJUSTIFIED = "no justification given (ASVS 7.1.1 asks for one)";

/**
 * Everything that the policy says: numbers, rules, sessions at a time, standards, enforcement and fingerprint.
 * @param policy as `readPolicy` has made it
 * @throws ConfigurationError for anything else
 */
export function explainPolicy(policy: Policy): string {
  // Its fingerprint is what the text ends with, and nothing but `readPolicy` makes one.
  if (typeof memberOf(policy, "fingerprint") !== "string")
    throw new ConfigurationError(
      'explainPolicy() was given no policy that was read; write for example explainPolicy(readPolicy({ idle: "15m", absolute: "12h" }))',
    );
  return [
    `Policy ${quoted(policy.name)}`,
    ...(policy.unsafeForTesting
      ? ["UNSAFE FOR TESTING: THE LOWER BOUNDS ARE LIFTED. NOT FOR PRODUCTION."]
      : []),
    ...section("Times", timesLines(policy)),
    ...section("Activity", activityLines(policy)),
    ...section("An end elsewhere", [reachOf(policy)]),
    ...section("Sign-in after an end by time", signInOf(policy)),
    ...section("Rules", rulesOf(policy)),
    ...section("Sessions of one subject", [sessionsOf(policy)]),
    ...section("Watch", watchLines(policy)),
    ...section("Standards", standardsOf(policy)),
    ...section("Who answers for it", answersOf(policy)),
    ...section("Enforcement", [enforcementOf(policy)]),
    ...section("Fingerprint", [`${policy.fingerprint} (SHA-256 of the canonical JSON)`]),
    "",
  ].join("\n");
}

/** A section without lines is none. */
function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ["", title, ...lines.map((line) => `  ${line}`)];
}

function row(name: string, value: string): string {
  return `${name.padEnd(WIDTH)}${value}`;
}

/** A text of the configuration's, on one line. */
function quoted(value: unknown): string {
  return JSON.stringify(value);
}

function timesLines(policy: Policy): readonly string[] {
  const preset = presetOf(policy.preset);
  return [
    row("idle", `${text(policy.idleTimeout)}, the longest time without activity`),
    row("absolute", `${text(policy.absoluteTimeout)}, the longest time since authentication`),
    row("warning", `${text(policy.warningPeriod)} before the end`),
    row("heartbeat", `every ${text(policy.heartbeatInterval)} at most while there is activity`),
    row("bindWithin", `${text(policy.bindPeriod)} after authentication`),
    row("preset", preset === null ? "none" : `${policy.preset}. ${preset.source}`),
    row("justification", policy.justification === null ? UNJUSTIFIED : quoted(policy.justification)),
  ];
}

function activityLines(policy: Policy): readonly string[] {
  const { activity, dismissWarning, automated, withoutScript, mediaPeriod } = policy;
  return [
    ...(activity === "group"
      ? ["RELAXED: activity in the apps of the group that this one trusts counts too."]
      : []),
    dismissWarning === "explicit"
      ? "The warning is answered by its button only."
      : "The warning is answered by any activity.",
    automated === "flag"
      ? "A browser that says it is automated is marked in the audit trail."
      : "A browser that says it is automated is refused.",
    withoutScript === "never"
      ? "A session without a key is extended by nothing."
      : "A session without a key is extended by a person's navigations.",
    mediaPeriod === 0
      ? "Playing media is no activity."
      : `Playing media is activity for at most ${text(mediaPeriod)} after the last input.`,
  ];
}

function reachOf({ reachPeriod }: Policy): string {
  return reachPeriod === 0
    ? "A page learns of it at its next question."
    : `A page in sight learns of it within ${text(reachPeriod)} by a stream; where no stream stands it asks within a minute.`;
}

function signInOf({ staleSignIn, idpSkew }: Policy): readonly string[] {
  return [
    `Only an authentication since that end is taken, by whole seconds; the provider's clock may be ${text(idpSkew)} behind.`,
    staleSignIn === "subject"
      ? "Every end of the subject's counts that is not known to be another browser's."
      : "Only ends count that are known to be this browser's.",
  ];
}

function rulesOf({ rules }: Policy): readonly string[] {
  if (rules.length === 0) return ["none"];
  const unmatched = rules.some(({ routes }) => routes !== null)
    ? ["A path that no pattern matches is held to the strictest of all rules with routes."]
    : [];
  const required = rules.some(({ requiredRoles }) => requiredRoles !== undefined)
    ? ["Where several rules that require roles match a path, one role of each is needed."]
    : [];
  return [
    "Of the rules that match a session the strictest number wins.",
    ...unmatched,
    ...required,
    ...rules.flatMap((rule, index) => ruleLines(rule, index)),
  ];
}

function ruleLines(rule: PolicyRule, index: number): readonly string[] {
  const justification = rule.justification === null ? UNJUSTIFIED : quoted(rule.justification);
  const kind = rule.relax ? "relaxes the policy" : "tightens the policy";
  return [
    `${index + 1}. ${rule.label === `rules[${index}]` ? rule.label : quoted(rule.label)} ${kind}`,
    ...[
      ...selectorsOf(rule).map(([name, value]) => row(name, value)),
      ...numbersOf(rule).map(([name, value]) => row(name, text(value))),
      ...(rule.requiredRoles ? [row("requireRoles", rule.requiredRoles.map(quoted).join(" or "))] : []),
      row("justification", justification),
    ].map((line) => `   ${line}`),
  ];
}

function selectorsOf(rule: PolicyRule): readonly (readonly [string, string])[] {
  const pairs = Object.entries(rule.attributes ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const selectors = [
    ["roles", rule.roles?.map(quoted).join(" or ")],
    ["attributes", pairs.map(([name, value]) => `${quoted(name)} = ${quoted(value)}`).join(" and ")],
    ["routes", rule.routes?.map(quoted).join(" or ")],
    ["networks", rule.networks?.map(quoted).join(" or ")],
  ] as const;
  return selectors.flatMap(([name, value]) => (value ? [[name, value] as const] : []));
}

function numbersOf(rule: PolicyRule): readonly (readonly [string, number])[] {
  const numbers = [
    ["idle", rule.idleTimeout],
    ["absolute", rule.absoluteTimeout],
    ["warning", rule.warningPeriod],
    ["heartbeat", rule.heartbeatInterval],
    ["fresh", rule.freshPeriod],
  ] as const;
  return numbers.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]));
}

/** ASVS 7.1.2: how many sessions at a time, and what happens at the limit. */
function sessionsOf({ maxSessions, onLimit }: Policy): string {
  if (maxSessions === null) return "Any number at a time.";
  const then = onLimit === "deny" ? "a further sign-in is refused" : "a further sign-in ends the oldest";
  return `At most ${maxSessions} at a time; ${then}.`;
}

function standardsOf(policy: Policy): readonly string[] {
  if (policy.standards.length === 0) return ["none chosen"];
  return policy.standards.flatMap((id) => {
    const { title, asks } = standards[id];
    const mistakes = standardMistakes(policy, id);
    const verdict = mistakes.length === 0 ? "holds" : "BROKEN";
    return [`${id}: ${verdict}. ${title}: ${asks}.`, ...mistakes.map((mistake) => `  ${mistake}`)];
  });
}

function enforcementOf({ enforceFromAt }: Policy): string {
  if (enforceFromAt === null) return "Enforced.";
  const instant = isoInstant(enforceFromAt);
  return `OBSERVE ONLY until ${instant}: everything is run and audited, and nothing ends by time before. A sign-out still ends.`;
}

function answersOf({ owner, approvals = [], reviewBy }: Policy): readonly string[] {
  return [
    ...(owner === undefined ? [] : [row("owner", quoted(owner))]),
    ...approvals.map(({ by, on, note }) =>
      row("approved", `${on} by ${quoted(by)}${note === undefined ? "" : `: ${quoted(note)}`}`),
    ),
    ...(reviewBy === undefined ? [] : [row("reviewBy", reviewBy)]),
  ];
}
