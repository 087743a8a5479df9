/** The policy: the numbers that a session lives by, checked at start. */
import * as v from "valibot";
import type { AutomatedRule, DismissWarning } from "../protocol/session-status.js";
import { durationSchema, readConfiguration } from "./configuration.js";
import { MAX_DURATION, writeDuration } from "./durations.js";
import { ConfigurationError } from "./errors.js";
import { sha256 } from "./secrets.js";

/** A policy as people write it. Durations are text with a unit: `"15m"`, `"90s"`. */
export interface PolicyOptions {
  /** What the policy is called in status, log and audit. Default `default`. */
  readonly name?: string;
  /** The longest time without activity (PCI DSS 8.2.8: at most 15 minutes). */
  readonly idle: string;
  /** The longest time since authentication, however active. */
  readonly absolute: string;
  /** How long before the end the person is told. At least 20 s (WCAG 2.2.1). Default 2 minutes, or half of `idle` if that is shorter. */
  readonly warning?: string;
  /** How often activity is reported. Default a tenth of `idle`, between 5 s and 60 s, never above a quarter of `idle`. */
  readonly heartbeat?: string;
  /** How long after authentication a key can be bound. Default 60 s. */
  readonly bindWithin?: string;
  /** What answers the warning: only the explicit answer (default), or any activity. */
  readonly dismissWarning?: DismissWarning;
  /** What becomes of a browser that says it is automated. Default `flag`. */
  readonly automated?: AutomatedRule;
  /** Lifts the lower bounds, for tests only. Status, log and every audit record say so. */
  readonly unsafeForTesting?: boolean;
}

/** A checked policy. Durations in milliseconds. */
export interface Policy {
  readonly name: string;
  readonly idleTimeout: number;
  readonly absoluteTimeout: number;
  readonly warningPeriod: number;
  readonly heartbeatInterval: number;
  readonly bindPeriod: number;
  readonly dismissWarning: DismissWarning;
  readonly automated: AutomatedRule;
  readonly unsafeForTesting: boolean;
  readonly rules: readonly { readonly absoluteTimeout: number | null }[];
  readonly enforceFromAt: number | null;
  readonly withoutScript: "never" | "navigation";
  readonly mediaPeriod: number;
  readonly maxSessions: number | null;
  readonly onLimit: "deny" | "end-oldest";
  /** SHA-256 of the policy's canonical JSON. */
  readonly fingerprint: string;
}

/** WCAG 2.2 SC 2.2.1: at least 20 seconds to extend the time limit. */
const MIN_WARNING = 20_000;
const MIN_HEARTBEAT = 1_000;

const schema = v.strictObject(
  {
    name: v.optional(v.pipe(v.string("must be a text"), v.nonEmpty("must not be empty")), "default"),
    idle: durationSchema,
    absolute: durationSchema,
    warning: v.optional(durationSchema),
    heartbeat: v.optional(durationSchema),
    bindWithin: v.optional(durationSchema, "60s"),
    dismissWarning: v.optional(
      v.picklist(["explicit", "activity"], 'must be "explicit" or "activity"'),
      "explicit",
    ),
    automated: v.optional(v.picklist(["flag", "refuse"], 'must be "flag" or "refuse"'), "flag"),
    unsafeForTesting: v.optional(v.boolean("must be true or false"), false),
  },
  'must be an object, such as { idle: "15m", absolute: "12h" }',
);

/**
 * Checks a policy and fills in its defaults.
 * @throws ConfigurationError with every mistake and what to write instead
 */
export function readPolicy(options: unknown): Policy {
  refuseMissing(options);
  const { idle, absolute, warning, heartbeat, bindWithin, ...rest } = readConfiguration(
    schema,
    options,
    "policy",
  );
  const numbers = {
    ...rest,
    idleTimeout: idle,
    absoluteTimeout: absolute,
    warningPeriod: warning ?? Math.floor(Math.min(120_000, idle / 2)),
    heartbeatInterval: heartbeat ?? defaultHeartbeat(idle),
    bindPeriod: bindWithin,
  };
  const mistakes = mistakesIn(numbers);
  if (mistakes.length > 0) throw new ConfigurationError(mistakes.join("\n"));
  const defaults = {
    rules: [],
    enforceFromAt: null,
    withoutScript: "never",
    mediaPeriod: 0,
    maxSessions: null,
    onLimit: "deny",
  } as const;
  return { ...numbers, ...defaults, fingerprint: sha256(canonicalJson(numbers)) };
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

function defaultHeartbeat(idle: number): number {
  return Math.floor(Math.min(Math.min(Math.max(idle / 10, 5_000), 60_000), idle / 4));
}

function mistakesIn(
  policy: Pick<
    Policy,
    "idleTimeout" | "absoluteTimeout" | "warningPeriod" | "heartbeatInterval" | "unsafeForTesting"
  >,
): readonly string[] {
  const { idleTimeout, absoluteTimeout, warningPeriod, heartbeatInterval, unsafeForTesting } = policy;
  const mistakes: string[] = [];
  const refuse = (wrong: boolean, sentence: string) => wrong && mistakes.push(sentence);
  const text = writeDuration;
  const most = Math.floor(Math.min(idleTimeout / 3, (idleTimeout - warningPeriod) / 2));
  refuse(
    idleTimeout > absoluteTimeout,
    `policy.idle (${text(idleTimeout)}) is longer than policy.absolute (${text(absoluteTimeout)}); make idle the shorter one`,
  );
  refuse(
    warningPeriod >= idleTimeout,
    `policy.warning (${text(warningPeriod)}) must be shorter than policy.idle (${text(idleTimeout)})`,
  );
  refuse(
    warningPeriod < MIN_WARNING && !unsafeForTesting,
    `policy.warning (${text(warningPeriod)}) is under 20s, the least that WCAG 2.2.1 allows; write warning: "20s" or more`,
  );
  refuse(
    warningPeriod < idleTimeout && heartbeatInterval > most,
    `policy.heartbeat (${text(heartbeatInterval)}) is too long for idle and warning; write heartbeat: "${Math.max(1, most)}ms" or less`,
  );
  refuse(
    heartbeatInterval < MIN_HEARTBEAT && !unsafeForTesting,
    `policy.heartbeat (${text(heartbeatInterval)}) is under 1s; write heartbeat: "1s" or more`,
  );
  refuse(absoluteTimeout > MAX_DURATION, "policy.absolute is too long");
  return mistakes;
}

/** JSON with sorted members and no white space: one text for one policy. */
export function canonicalJson(value: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(value, Object.keys(value).sort());
}
