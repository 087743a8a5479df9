/** From when on the rules of the watch speak (docs/alerts.md): every threshold, what it may be, and its default. */
import * as v from "valibot";
import { canonicalJson } from "./canonical-json.js";
import { durationSchema } from "./configuration.js";
import { describe } from "./durations.js";
import type { EarlyRule, WatchRuleName, WatchRules, WatchThresholds } from "./watch.types.js";

const atLeast = (least: number) =>
  v.pipe(
    v.number("must be a number"),
    v.safeInteger("must be a whole number"),
    v.minValue(least, `must be at least ${least}`),
  );
const once = atLeast(1);
const share = v.pipe(
  v.number("must be a number"),
  v.check((value) => value > 0 && value <= 1, "must be over 0 and at most 1"),
);
const factor = v.pipe(v.number("must be a number"), v.minValue(1, "must be at least 1"));

const A_RULE = "must be an object with some of the rule's thresholds";

/** So often within that time. */
const occurrences = () =>
  v.optional(
    v.strictObject({ times: v.optional(once, 1), within: v.optional(durationSchema, "1h") }, A_RULE),
    {},
  );
const enMasse = () =>
  v.optional(
    v.strictObject(
      {
        ends: v.optional(atLeast(2), 20),
        factor: v.optional(factor, 5),
        days: v.optional(once, 3),
      },
      A_RULE,
    ),
    {},
  );

const rulesSchema = v.strictObject(
  {
    "used-after-end": v.optional(v.strictObject({ uses: v.optional(once, 1) }, A_RULE), {}),
    "keeps-expiring": v.optional(
      v.strictObject(
        {
          ends: v.optional(atLeast(2), 3),
          factor: v.optional(factor, 3),
          days: v.optional(once, 7),
        },
        A_RULE,
      ),
      {},
    ),
    "sits-idle": v.optional(
      v.strictObject(
        {
          sessions: v.optional(atLeast(2), 5),
          within: v.optional(durationSchema, "7d"),
          activity: v.optional(durationSchema, "2m"),
          share: v.optional(share, 0.8),
        },
        A_RULE,
      ),
      {},
    ),
    "machine-like": v.optional(
      v.strictObject(
        {
          period: v.optional(durationSchema, "45m"),
          samples: v.optional(v.pipe(atLeast(4), v.maxValue(60, "must be at most 60")), 45),
          steady: v.optional(share, 0.1),
          regular: v.optional(share, 0.05),
          awake: v.optional(durationSchema, "16h"),
          pause: v.optional(durationSchema, "5m"),
          answer: v.optional(durationSchema, "800ms"),
          answers: v.optional(atLeast(2), 3),
        },
        A_RULE,
      ),
      {},
    ),
    "two-places": v.optional(
      v.strictObject(
        {
          times: v.optional(atLeast(2), 3),
          within: v.optional(durationSchema, "1h"),
          share: v.optional(share, 0.75),
        },
        A_RULE,
      ),
      {},
    ),
    "never-bound": v.optional(
      v.strictObject(
        {
          sessions: v.optional(atLeast(2), 5),
          within: v.optional(durationSchema, "24h"),
          share: v.optional(share, 0.5),
        },
        A_RULE,
      ),
      {},
    ),
    "revoked-en-masse": enMasse(),
    "expired-en-masse": enMasse(),
    forged: occurrences(),
    clock: occurrences(),
    gap: occurrences(),
    "policy-drift": occurrences(),
    "idp-silent": occurrences(),
  },
  'must be an object, such as { "machine-like": { period: "1h" } }',
) satisfies v.GenericSchema<unknown, WatchRules>;

/** Of a rule that speaks of a person or of the app nobody knows whose warning to open; what has ended has none. */
export const EARLY_RULES: readonly EarlyRule[] = ["machine-like", "two-places"];

/** In one order: the fingerprint does not change with the order in which they are written. */
const warnEarly = v.pipe(
  v.array(
    v.picklist(
      EARLY_RULES,
      ({ input }) =>
        `is ${describe(input)}; write some of: ${EARLY_RULES.join(", ")} (the other rules speak of no session that a person could go on with)`,
    ),
    'must be a list of rules by name, such as ["machine-like"]',
  ),
  v.minLength(1, 'must name at least one rule, such as ["machine-like"]; leave it out for none'),
  v.transform((rules) => EARLY_RULES.filter((rule) => rules.includes(rule))),
);

export const watchSchema = v.strictObject(
  {
    quiet: v.optional(durationSchema, "1h"),
    rules: v.optional(rulesSchema, {}),
    warnEarly: v.exactOptional(warnEarly),
  },
  'must be an object, such as { quiet: "1h", rules: { "machine-like": { period: "1h" } } }',
) satisfies v.GenericSchema<unknown, WatchThresholds>;

/** The thresholds that are durations. */
export const DURATION_THRESHOLDS = ["within", "activity", "period", "awake", "pause", "answer"];
export const WATCH_RULES = Object.keys(rulesSchema.entries) as readonly WatchRuleName[];
export const DEFAULT_WATCH: WatchThresholds = v.parse(watchSchema, {});
const AS_IT_COMES = canonicalJson(DEFAULT_WATCH);

/** Whether nothing is said of the watch. */
export function isDefaultWatch(watch: WatchThresholds): boolean {
  return canonicalJson(watch) === AS_IT_COMES;
}
