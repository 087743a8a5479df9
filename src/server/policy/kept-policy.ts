/** A policy out of its own document, as a store or a trail keeps it (`policyDocument`). */
import * as v from "valibot";
import { sha256 } from "../platform/secrets.js";
import { readDuration } from "./durations.js";
import { DEFAULT_REACH, defaultIdpSkew } from "./periods.js";
import type { Policy, PolicyRule, StandardId } from "./policy.types.js";
import type { WatchThresholds } from "./watch.types.js";
import { DEFAULT_WATCH } from "./watch-thresholds.js";

type EntriesOf<Kept> = { readonly [Member in keyof Kept]-?: v.GenericSchema<unknown, Kept[Member]> };

const text = v.string();
const whole = v.pipe(v.number(), v.safeInteger());
const texts = v.nullable(v.array(text));
const orNull = v.nullable(whole);

const ruleSchema = v.object({
  label: text,
  roles: texts,
  attributes: v.nullable(v.record(text, v.union([text, v.number(), v.boolean()]))),
  routes: texts,
  networks: texts,
  idleTimeout: orNull,
  absoluteTimeout: orNull,
  warningPeriod: orNull,
  heartbeatInterval: orNull,
  freshPeriod: orNull,
  requiredRoles: v.exactOptional(v.array(text)),
  relax: v.boolean(),
  justification: v.nullable(text),
} satisfies EntriesOf<PolicyRule>);

const schema = v.object({
  name: text,
  idleTimeout: whole,
  absoluteTimeout: whole,
  warningPeriod: whole,
  heartbeatInterval: whole,
  bindPeriod: whole,
  dismissWarning: v.picklist(["explicit", "activity"]),
  automated: v.picklist(["flag", "refuse"]),
  withoutScript: v.picklist(["never", "navigation"]),
  activity: v.picklist(["own", "group"]),
  mediaPeriod: whole,
  reachPeriod: whole,
  rules: v.array(ruleSchema),
  /** One that a later release knows is as good: nothing is computed of it here. */
  standards: v.array(v.custom<StandardId>((value) => typeof value === "string")),
  justification: v.nullable(text),
  maxSessions: orNull,
  onLimit: v.picklist(["deny", "end-oldest"]),
  staleSignIn: v.picklist(["subject", "browser"]),
  idpSkew: whole,
  enforceFromAt: orNull,
  preset: v.nullable(text),
  /** As it was read from what people wrote: nothing is computed of it here. */
  watch: v.custom<WatchThresholds>((value) => typeof value === "object" && value !== null),
  unsafeForTesting: v.boolean(),
} satisfies EntriesOf<Omit<Policy, "fingerprint" | "owner" | "approvals" | "reviewBy">>);

/** What this document says; null where this release cannot read it. */
export function policyOfDocument(document: string): Policy | null {
  const { success, output } = v.safeParse(schema, withDefaults(parsed(document)));
  return success ? { ...output, fingerprint: sha256(document) } : null;
}

function parsed(document: string): object {
  try {
    return Object(JSON.parse(document));
  } catch {
    return {};
  }
}

/** What a document leaves out says what a release does by itself that does not know the key. */
function withDefaults(kept: object): object {
  const idle: unknown = Reflect.get(kept, "idleTimeout");
  return {
    activity: "own",
    watch: DEFAULT_WATCH,
    staleSignIn: "subject",
    idpSkew: defaultIdpSkew(Number(idle)),
    reachPeriod: readDuration(DEFAULT_REACH),
    ...kept,
  };
}
