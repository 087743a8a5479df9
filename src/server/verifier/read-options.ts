/** Reads the verifier's options at start: what goes together, what is missing, and their defaults. */
import type * as v from "valibot";
import type { AuditSink } from "../audit/audit-record.js";
import type { CookieMode } from "../http/cookies.js";
import { ConfigurationError } from "../platform/errors.js";
import { createWarnOnce, type Logger, unfailing, type WarnOnce } from "../platform/logger.js";
import { type Examples, gatherReadings, parseConfiguration } from "../policy/configuration.js";
import { describe } from "../policy/durations.js";
import { policyDocument, readPolicy } from "../policy/policy.js";
import type { Policy } from "../policy/policy.types.js";
import { WATCH_RULES } from "../policy/watch-thresholds.js";
import { memoryStore } from "../stores/memory.js";
import type { SessionStore } from "../stores/store.js";
import { type Identify, optionsSchema } from "./options.js";

type Written = v.InferOutput<typeof optionsSchema>;

/** The options once they are read: as they are written, but for what reading them makes of them. */
export interface CheckedOptions
  extends Omit<Written, "policy" | "store" | "audit" | "logger" | "identify" | "adoptUntil"> {
  readonly policy: Policy;
  readonly store: SessionStore;
  readonly audit: readonly AuditSink[];
  readonly logger: Logger;
  readonly warnOnce: WarnOnce;
  readonly identify: ((source: unknown) => ReturnType<Identify>) | undefined;
  readonly adoptUntilAt: number | null;
}

const EXAMPLES: Examples = {
  policy: 'write for example policy: { idle: "15m", absolute: "12h" }',
  signInUrl: 'write for example signInUrl: "/login"',
};

/**
 * Checks everything that can be checked before the first request.
 * @throws ConfigurationError with every mistake, one a line, and what to write instead
 */
export function readOptions(input: unknown, environment: string | undefined): CheckedOptions {
  if (typeof input !== "object" || input === null)
    throw new ConfigurationError(
      `createSessionVerifier was given ${describe(input)}; give it { policy, store, signInUrl }`,
    );
  const readings = gatherReadings();
  const checked = readings.take(parseConfiguration(optionsSchema, input, "options", EXAMPLES));
  const policy = "policy" in input ? readings.attempt(() => readPolicy(input.policy)) : null;
  if (checked !== null)
    readings.add([
      ...cookieMistakes(checked.cookie, policy),
      ...identifyMistakes(checked),
      ...storeMistakes(checked.store, environment),
      ...groupMistakes(checked, policy),
      ...watchMistakes(checked, policy),
    ]);
  readings.refuseMistakes();
  if (checked === null || policy === null) throw new ConfigurationError("the options cannot be read");
  const audit = "write" in checked.audit ? [checked.audit] : checked.audit;
  refuseLongPolicy(policy, audit);
  const logger = unfailing(checked.logger ?? console);
  const { identify, adoptUntil, ...written } = checked;
  return {
    ...written,
    policy,
    store: checked.store ?? inMemory(logger),
    audit,
    logger,
    warnOnce: createWarnOnce(logger),
    identify: identify && ((source) => identify(source as never)),
    adoptUntilAt: adoptUntil === undefined ? null : Date.parse(adoptUntil),
  };
}

/** What a record has besides the policy, generously. */
const FRAME = 1_000;

/**
 * The policy is a record, and without it no session can be replayed.
 * @throws ConfigurationError where a sink takes no line of that length
 */
function refuseLongPolicy(policy: Policy, audit: readonly AuditSink[]): void {
  const length = Buffer.byteLength(JSON.stringify(policyDocument(policy))) + FRAME;
  const longest = Math.min(...audit.map(({ longestLine = Number.POSITIVE_INFINITY }) => longestLine));
  if (length <= longest) return;
  throw new ConfigurationError(
    `the policy with its ${policy.rules.length} rules takes ${length} bytes as a record, and the audit log at most ${longest}: write fewer rules, with patterns for routes and roles in the place of lists, or split the app (a verifier of its own, with its own policy)`,
  );
}

function cookieMistakes(cookie: CookieMode, policy: Policy | null): readonly string[] {
  if (cookie === "host" || policy === null || policy.unsafeForTesting) return [];
  return [
    'options.cookie "plain" needs unsafeForTesting: true in the policy; in production leave cookie out',
  ];
}

function identifyMistakes({
  identify,
  adoptUntil,
}: {
  readonly identify?: unknown;
  readonly adoptUntil?: string | undefined;
}): readonly string[] {
  if (adoptUntil === undefined || identify !== undefined) return [];
  return [
    "options.adoptUntil says until when sessions of your own are adopted; give identify too, or leave it out",
  ];
}

function groupMistakes(
  { name, group }: Pick<Written, "name" | "group">,
  policy: Policy | null,
): readonly string[] {
  const takes = policy?.activity === "group";
  return [
    takes &&
      group === undefined &&
      'options.group is missing; policy.activity "group" needs to know whose activity counts, write for example group: { name: "bank", trusts: ["mail"] }',
    takes &&
      group?.trusts.length === 0 &&
      'options.group.trusts is empty, so nobody\'s activity would count; name the apps, such as trusts: ["mail"], or leave policy.activity out',
    policy?.activity === "own" &&
      (group?.trusts.length ?? 0) > 0 &&
      'options.group.trusts names apps whose activity does not count; write policy.activity: "group" with a justification, or leave trusts out',
    group?.trusts.includes(name) &&
      `options.group.trusts names ${describe(name)}, which is this app itself: it counts anyway; leave it out, or give the apps names of their own`,
  ].filter((mistake) => typeof mistake === "string");
}

/** A rule that does not run opens no warning. */
function watchMistakes({ watch }: Pick<Written, "watch">, policy: Policy | null): readonly string[] {
  const running: readonly string[] = watch === undefined ? [] : (watch.rules ?? WATCH_RULES);
  const idle = (policy?.watch.warnEarly ?? []).filter((rule) => !running.includes(rule));
  if (idle.length === 0) return [];
  const write = watch === undefined ? "write watch: {}" : `add ${idle.join(", ")} to options.watch.rules`;
  return [
    `policy.watch.warnEarly names ${idle.join(", ")}, and the watch does not run ${idle.length === 1 ? "it" : "them"}; ${write}, or leave warnEarly out`,
  ];
}

function storeMistakes(store: SessionStore | undefined, environment: string | undefined): readonly string[] {
  if (store !== undefined || environment !== "production") return [];
  return ['options.store is missing; in production write for example store: sqliteStore("curfew.db")'];
}

function inMemory(logger: Logger): SessionStore {
  logger.warn("curfew: no store was given, so sessions are kept in memory and end with this process");
  return memoryStore();
}
