/** The policy: the numbers that a session lives by, and the rules that choose them, checked at start. */

import { ConfigurationError } from "../platform/errors.js";
import { sha256 } from "../platform/secrets.js";
import { canonicalJson } from "./canonical-json.js";
import { readConfiguration } from "./configuration.js";
import { describe } from "./durations.js";
import { defaultHeartbeat, defaultWarning, mistakesInNumbers } from "./periods.js";
import type { Policy, PolicyRule } from "./policy.types.js";
import { policySchema } from "./policy-schema.js";
import { presetOf, presets } from "./presets.js";
import { mistakesInRules, readRule } from "./rules.js";
import { standardMistakes } from "./standards.js";

export type { Policy, PolicyOptions, PolicyRule, RuleOptions } from "./policy.types.js";

/** A policy as it is written, once it has the shape of one. */
type Written = ReturnType<typeof readKeys>;

/**
 * Checks a policy and fills in its preset and its defaults.
 * @throws ConfigurationError with every mistake, one a line, and what to write instead
 */
export function readPolicy(options: unknown): Policy {
  const { written, rules } = readShape(withPreset(options));
  const { idle, absolute, warning, heartbeat, bindWithin, media, enforce, enforceFrom, ...rest } = written;
  const checked = {
    ...rest,
    idleTimeout: idle,
    absoluteTimeout: absolute,
    warningPeriod: warning ?? defaultWarning(idle),
    heartbeatInterval: heartbeat ?? defaultHeartbeat(idle),
    bindPeriod: bindWithin,
    mediaPeriod: media ?? 0,
    rules,
    standards: [...new Set([...(presetOf(rest.preset)?.standards ?? []), ...rest.standards])],
    justification: rest.justification ?? null,
    maxSessions: rest.maxSessions ?? null,
    onLimit: rest.onLimit ?? "deny",
    enforceFromAt: enforceFrom ?? null,
    preset: rest.preset ?? null,
  };
  refuseAny([
    ...mistakesInNumbers("policy", checked, checked.unsafeForTesting),
    ...mistakesInKeys(written),
    ...mistakesInRules(rules, checked),
    ...checked.standards.flatMap((id) => standardMistakes(checked, id)),
  ]);
  return { ...checked, fingerprint: sha256(canonicalJson(checked)) };
}

function withPreset(options: unknown): unknown {
  if (typeof options !== "object" || options === null || !("preset" in options)) return options;
  const preset = presetOf(options.preset);
  if (preset !== null) return { ...preset.policy, ...options };
  const known = Object.keys(presets).join(", ");
  throw new ConfigurationError(`policy.preset is ${describe(options.preset)}; known presets: ${known}`);
}

/** @throws ConfigurationError with what is wrong in the policy and in each rule */
function readShape(options: unknown): { readonly written: Written; readonly rules: readonly PolicyRule[] } {
  refuseMissing(options);
  const mistakes: string[] = [];
  const attempt = <T>(read: () => T): T | null => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      mistakes.push(error.message);
      return null;
    }
  };
  const written = attempt(() => readKeys(options));
  const rules = rulesIn(options).map((rule, index) => attempt(() => readRule(rule, index)));
  if (written === null || !rules.every((rule) => rule !== null))
    throw new ConfigurationError(mistakes.join("\n"));
  return { written, rules };
}

function readKeys(options: unknown) {
  return readConfiguration(policySchema, options, "policy");
}

function rulesIn(options: unknown): readonly unknown[] {
  const hasRules = typeof options === "object" && options !== null && "rules" in options;
  return hasRules && Array.isArray(options.rules) ? options.rules : [];
}

function refuseMissing(options: unknown): void {
  if (typeof options !== "object" || options === null) return;
  if (!("idle" in options))
    throw new ConfigurationError('policy.idle is missing; write for example idle: "15m"');
  if (!("absolute" in options))
    throw new ConfigurationError(
      'policy.absolute is missing; every session needs an absolute timeout, write for example absolute: "12h"',
    );
}

function refuseAny(mistakes: readonly string[]): void {
  if (mistakes.length > 0) throw new ConfigurationError(mistakes.join("\n"));
}

/** Keys that only go together. */
function mistakesInKeys({ enforce, enforceFrom, maxSessions, onLimit }: Written): readonly string[] {
  return [
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
