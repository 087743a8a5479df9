/** The policy: the numbers that a session lives by, and the rules that choose them, checked at start. */

import { ConfigurationError } from "../platform/errors.js";
import { sha256 } from "../platform/secrets.js";
import { canonicalJson } from "./canonical-json.js";
import { type Examples, gatherReadings, parseConfiguration, type Reading } from "./configuration.js";
import { describe, readDuration, writeDuration } from "./durations.js";
import {
  DEFAULT_REACH,
  defaultHeartbeat,
  defaultIdpSkew,
  defaultWarning,
  mistakesInNumbers,
  mistakesInReach,
} from "./periods.js";
import type { Policy, PolicyRule } from "./policy.types.js";
import { policySchema } from "./policy-schema.js";
import { presetOf, presets } from "./presets.js";
import { mistakesInRules, readRule } from "./rules.js";
import { standardMistakes } from "./standards.js";
import { isDefaultWatch } from "./watch-thresholds.js";

/** A policy as it is written, once it has the shape of one. */
type Written = NonNullable<ReturnType<typeof readKeys>["value"]>;

const EXAMPLES: Examples = {
  idle: 'write for example idle: "15m"',
  absolute: 'every session needs an absolute timeout, write for example absolute: "12h"',
};

/**
 * Checks a policy and fills in its preset and its defaults.
 * @throws ConfigurationError with every mistake, one a line, and what to write instead
 */
export function readPolicy(options: unknown): Policy {
  const readings = gatherReadings();
  const preset = withPreset(options);
  const whole = readings.take(preset);
  const shape = readings.take(readKeys(whole));
  const written = preset.mistakes.length === 0 ? shape : null;
  const rules = rulesIn(whole).map((rule, index) => readings.attempt(() => readRule(rule, index)));
  const checked =
    written === null
      ? null
      : checkedPolicy(
          written,
          rules.filter((rule) => rule !== null),
        );
  if (written !== null && checked !== null)
    readings.add([
      ...mistakesInNumbers("policy", checked, checked.unsafeForTesting),
      ...mistakesInReach(checked.reachPeriod, checked.unsafeForTesting),
      ...mistakesInKeys(written),
      // A rule that cannot be read has no place any more that the others could be named after.
      ...(rules.includes(null) ? [] : mistakesInRules(checked.rules, checked)),
      ...checked.standards.flatMap((id) => standardMistakes(checked, id)),
    ]);
  readings.refuseMistakes();
  if (checked === null) throw new ConfigurationError("the policy cannot be read");
  return { ...checked, fingerprint: sha256(documentOf(checked)) };
}

/** The policy as canonical JSON: its SHA-256 is the fingerprint. */
export function policyDocument({ fingerprint: _its, ...policy }: Policy): string {
  return documentOf(policy);
}

function documentOf(policy: Omit<Policy, "fingerprint">): string {
  return canonicalJson(withoutLaterDefaults(policy));
}

/**
 * What a later release added, left out where it says what that release does by itself: an upgrade changes no fingerprint.
 * So is who answers for the policy: an approval is of the fingerprint, and does not change it.
 */
function withoutLaterDefaults(policy: Omit<Policy, "fingerprint">): object {
  const { staleSignIn, idpSkew, reachPeriod, activity, watch, owner, approvals, reviewBy, ...rest } = policy;
  return {
    ...rest,
    ...(activity === "own" ? {} : { activity }),
    ...(staleSignIn === "subject" ? {} : { staleSignIn }),
    ...(isDefaultWatch(watch) ? {} : { watch }),
    ...(idpSkew === defaultIdpSkew(policy.idleTimeout) ? {} : { idpSkew }),
    ...(reachPeriod === readDuration(DEFAULT_REACH) ? {} : { reachPeriod }),
  };
}

/** The policy with its defaults, still to be held to its bounds. */
function checkedPolicy(written: Written, rules: readonly PolicyRule[]): Omit<Policy, "fingerprint"> {
  const {
    idle,
    absolute,
    warning,
    heartbeat,
    bindWithin,
    media,
    reach,
    enforce,
    enforceFrom,
    idpSkew,
    ...rest
  } = written;
  return {
    ...rest,
    idleTimeout: idle,
    absoluteTimeout: absolute,
    warningPeriod: warning ?? defaultWarning(idle),
    heartbeatInterval: heartbeat ?? defaultHeartbeat(idle),
    bindPeriod: bindWithin,
    mediaPeriod: media ?? 0,
    reachPeriod: reach,
    rules,
    standards: [...new Set([...(presetOf(rest.preset)?.standards ?? []), ...rest.standards])],
    justification: rest.justification ?? null,
    maxSessions: rest.maxSessions ?? null,
    onLimit: rest.onLimit ?? "deny",
    idpSkew: idpSkew ?? defaultIdpSkew(idle),
    enforceFromAt: enforceFrom ?? null,
    preset: rest.preset ?? null,
  };
}

function withPreset(options: unknown): Reading<unknown> {
  if (typeof options !== "object" || options === null || !("preset" in options))
    return { value: options, mistakes: [] };
  const preset = presetOf(options.preset);
  if (preset !== null) return { value: { ...preset.policy, ...options }, mistakes: [] };
  const known = Object.keys(presets).join(", ");
  const { preset: unknown, ...others } = options;
  return {
    // It gives the times where the policy does not; what they would have been nobody knows.
    value: { idle: "15m", absolute: "12h", ...others },
    mistakes: [`policy.preset is ${describe(unknown)}; known presets: ${known}`],
  };
}

function readKeys(options: unknown) {
  return parseConfiguration(policySchema, options, "policy", EXAMPLES);
}

function rulesIn(options: unknown): readonly unknown[] {
  const hasRules = typeof options === "object" && options !== null && "rules" in options;
  return hasRules && Array.isArray(options.rules) ? options.rules : [];
}

/** Keys that only go together. */
function mistakesInKeys(written: Written): readonly string[] {
  const { idle, idpSkew, enforce, enforceFrom, maxSessions, onLimit, activity, justification } = written;
  return [
    written.watch.warnEarly !== undefined &&
      written.dismissWarning === "activity" &&
      'policy.watch.warnEarly opens the warning for a person to answer, and dismissWarning "activity" lets any movement answer it; leave dismissWarning out, or warnEarly',
    activity === "group" &&
      justification === undefined &&
      'policy.justification is missing; activity "group" lets a session live that nobody uses here, write why (ASVS 7.1.1), such as justification: "One desk, three apps: people work in one of them at a time"',
    idpSkew !== undefined &&
      idpSkew >= idle &&
      `policy.idpSkew (${writeDuration(idpSkew)}) must be shorter than policy.idle (${writeDuration(idle)})`,
    !enforce &&
      enforceFrom === undefined &&
      'policy.enforceFrom is missing; observing needs an end, write for example enforceFrom: "2027-01-31"',
    enforce &&
      enforceFrom !== undefined &&
      "policy.enforceFrom goes with enforce: false; write enforce: false to observe until then, or leave enforceFrom out",
    onLimit !== undefined &&
      maxSessions === undefined &&
      "policy.onLimit says what happens at maxSessions; write maxSessions too, or leave onLimit out",
  ].filter((mistake) => mistake !== false);
}
