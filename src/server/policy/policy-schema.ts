/** The keys of a policy and of its rules, and what each may be. */
import * as v from "valibot";
import { isNetwork } from "../platform/networks.js";
import { durationSchema } from "./configuration.js";
import { describe, writeDuration } from "./durations.js";
import { DEFAULT_REACH, MAX_IDP_SKEW } from "./periods.js";
import type { AttributeValue, StandardId } from "./policy.types.js";
import { patternMistake } from "./routes.js";
import { standards } from "./standards.js";
import { watchSchema } from "./watch-thresholds.js";

const text = v.string("must be a text");
const someText = v.pipe(text, v.nonEmpty("must not be empty"));
const yesOrNo = v.boolean("must be true or false");
const known = Object.keys(standards);

function listOf<const Item extends v.GenericSchema<unknown, string>>(item: Item, example: string) {
  return v.pipe(
    v.array(item, `must be a list, such as [${example}]`),
    v.minLength(1, `must name at least one, such as [${example}]`),
  );
}

const pattern = v.pipe(
  text,
  v.rawCheck(({ dataset, addIssue }) => {
    const mistake = dataset.typed ? patternMistake(dataset.value) : null;
    if (mistake !== null) addIssue({ message: `is ${describe(dataset.value)}, which ${mistake}` });
  }),
);

const network = v.pipe(
  text,
  v.check(
    isNetwork,
    ({ input }) =>
      `is ${describe(input)}; write an address or a network, such as "10.0.0.0/8" or "2001:db8::/32"`,
  ),
);

const standard = v.custom<StandardId>(
  (value) => typeof value === "string" && known.includes(value),
  ({ input }) => `is ${describe(input)}; known standards: ${known.join(", ")}`,
);

const instant = v.pipe(
  text,
  v.check(
    isInstant,
    ({ input }) =>
      `is ${describe(input)}; write a date, such as "2027-01-31", or an instant with its zone, such as "2027-01-31T08:00:00+01:00"`,
  ),
  v.transform((value) => Date.parse(value)),
);

const day = v.pipe(
  text,
  v.check(
    (value) => /^\d{4}-\d\d-\d\d$/.test(value) && isInstant(value),
    ({ input }) => `is ${describe(input)}; write a day, such as "2027-01-31"`,
  ),
);

const approval = v.strictObject(
  { by: someText, on: day, note: v.exactOptional(someText) },
  'must be an object, such as { by: "J. Doe, CISO", on: "2027-01-31" }',
);

const never = v.pipe(
  v.unknown(),
  v.transform(() => 0),
);
const reach = v.lazy((input) => (input === false || input === "off" ? never : durationSchema));

export const ruleSchema = v.strictObject(
  {
    name: v.optional(someText),
    roles: v.optional(listOf(someText, '"admin"')),
    attributes: v.optional(
      v.custom<Readonly<Record<string, AttributeValue>>>(
        isAttributes,
        'must be pairs of a name and a text, a number, true or false, such as { desk: "trading" }',
      ),
    ),
    routes: v.optional(listOf(pattern, '"/admin/**"')),
    networks: v.optional(listOf(network, '"10.0.0.0/8"')),
    idle: v.optional(durationSchema),
    absolute: v.optional(durationSchema),
    warning: v.optional(durationSchema),
    heartbeat: v.optional(durationSchema),
    fresh: v.optional(durationSchema),
    requireRoles: v.optional(listOf(someText, '"admin"')),
    relax: v.optional(yesOrNo, false),
    justification: v.optional(someText),
  },
  'must be an object, such as { roles: ["admin"], idle: "5m" }',
);

export const policySchema = v.strictObject(
  {
    name: v.optional(someText, "default"),
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
    withoutScript: v.optional(
      v.picklist(["never", "navigation"], 'must be "never" or "navigation"'),
      "never",
    ),
    activity: v.optional(v.picklist(["own", "group"], 'must be "own" or "group"'), "own"),
    media: v.optional(durationSchema),
    reach: v.optional(reach, DEFAULT_REACH),
    preset: v.optional(text),
    /** Each is read by `ruleSchema`, so that a mistake can name its rule. */
    rules: v.optional(v.array(v.unknown(), 'must be a list, such as [{ roles: ["admin"], idle: "5m" }]'), []),
    standards: v.optional(v.array(standard, 'must be a list, such as ["pci-dss-8.2.8"]'), []),
    justification: v.optional(someText),
    owner: v.exactOptional(someText),
    approvals: v.exactOptional(
      v.array(approval, 'must be a list, such as [{ by: "J. Doe, CISO", on: "2027-01-31" }]'),
    ),
    reviewBy: v.exactOptional(day),
    maxSessions: v.optional(
      v.pipe(
        v.number("must be a number of sessions"),
        v.safeInteger("must be a whole number"),
        v.minValue(1, "must be at least 1"),
      ),
    ),
    onLimit: v.optional(v.picklist(["deny", "end-oldest"], 'must be "deny" or "end-oldest"')),
    staleSignIn: v.optional(v.picklist(["subject", "browser"], 'must be "subject" or "browser"'), "subject"),
    idpSkew: v.optional(
      v.pipe(
        durationSchema,
        v.check(
          (skew) => skew % 1_000 === 0 && skew <= MAX_IDP_SKEW,
          ({ input }) => `is ${writeDuration(input)}; write whole seconds, at most a minute, such as "5s"`,
        ),
      ),
    ),
    enforce: v.optional(yesOrNo, true),
    enforceFrom: v.optional(instant),
    watch: v.optional(watchSchema, {}),
    unsafeForTesting: v.optional(yesOrNo, false),
  },
  'must be an object, such as { idle: "15m", absolute: "12h" }',
);

function isAttributes(value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const values: readonly unknown[] = Object.values(value);
  const isValue = (member: unknown) =>
    typeof member === "string" || typeof member === "boolean" || Number.isFinite(member);
  return values.length > 0 && values.every(isValue);
}

const ISO = v.union([v.pipe(v.string(), v.isoDate()), v.pipe(v.string(), v.isoTimestamp())]);

/** Whether this is a date that the calendar has (`Date` takes 30 February for 2 March), alone or with a time and a zone. */
export function isInstant(value: string): boolean {
  const date = value.slice(0, 10);
  const day = Date.parse(`${date}T00:00:00Z`);
  return v.is(ISO, value) && !Number.isNaN(Date.parse(value)) && new Date(day).toISOString().startsWith(date);
}
