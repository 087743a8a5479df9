/** The verifier's options, checked at start. */
import type { AuditRecord, AuditSink } from "../audit/audit-record.js";
import type { CookieMode } from "../http/cookies.js";
import { DEFAULT_LIMITS, type Limits } from "../http/limits.js";
import type { OnEnd } from "../lifecycle/notices.js";
import { ConfigurationError } from "../platform/errors.js";
import { createWarnOnce, type Logger, type WarnOnce } from "../platform/logger.js";
import { type Examples, gatherReadings, parseConfiguration } from "../policy/configuration.js";
import { describe } from "../policy/durations.js";
import { readPolicy } from "../policy/policy.js";
import type { Policy, PolicyOptions } from "../policy/policy.types.js";
import { memoryStore } from "../stores/memory.js";
import type { SessionStore } from "../stores/store.js";
import type { Identity } from "../subject/own-id.js";
import { optionsSchema } from "./options-schema.js";

export interface SessionVerifierOptions {
  readonly policy: PolicyOptions;
  /** Where sessions are kept. Required when `NODE_ENV` is `production`; elsewhere in memory, with a line in the log. */
  readonly store?: SessionStore;
  /** Where a person signs in: a path of the app, or an https URL. */
  readonly signInUrl: string;
  /** The app's name; scopes cookie, store, tab channel and the browser's key store. Default `curfew`. */
  readonly name?: string;
  /** The base path of the protocol. Default `/curfew`. */
  readonly base?: string;
  /** Other origins of the same site whose pages may call, such as `https://app.example.com`. Default none. */
  readonly origins?: readonly string[];
  /**
   * The proxies whose `Forwarded` (RFC 7239) and `X-Forwarded-*` headers are believed: addresses, CIDR, `loopback` (this
   * machine, its Unix sockets too), `unix` (the peers on a Unix socket). Default none.
   */
  readonly trustProxy?: readonly string[];
  /** `plain` drops the `__Host-` prefix and `Secure`; only with `unsafeForTesting`. Default `host`. */
  readonly cookie?: CookieMode;
  /** Whether an end carries `Clear-Site-Data: "cache"` where nothing else takes kept pages (WebKit). Default true. */
  readonly clearCache?: boolean;
  /** Where audit records go: a sink or several. */
  readonly audit?: AuditSink | readonly AuditSink[];
  /** Told of every audit record. */
  readonly onEvent?: (record: AuditRecord) => void;
  /** Default `console`. */
  readonly logger?: Logger;
  /** The key of the subjects' pseudonyms in the audit trail, at least 32 characters. Default: made once and kept in the store. */
  readonly secret?: string;
  /**
   * For an app that keeps its own session: says which one a request presents, in place of Curfew's cookie. It is given
   * the framework's own request (`IncomingMessage`, `Request`).
   */
  readonly identify?: Identify;
  /** Destroys the app's own session. Called at least once for each end. */
  readonly onEnd?: OnEnd;
  /** Until when sessions that the app had before Curfew are adopted by `identify`: a date, such as `"2026-12-31"`. */
  readonly adoptUntil?: string;
  /**
   * Calls a minute that are answered, for one session from one address, and streams of news that are open at a time.
   * Default `{ status: 1200, failures: 60, refusals: 120, streams: 10000 }`.
   */
  readonly limits?: Partial<Limits>;
}

/** The app's own session, as a request presents it; null where there is none. */
export type Identify = (request: never) => Identity | null | Promise<Identity | null>;

export interface CheckedOptions {
  readonly policy: Policy;
  readonly store: SessionStore;
  readonly signInUrl: string;
  readonly name: string;
  readonly base: string;
  readonly origins: readonly string[];
  readonly trustProxy: readonly string[];
  readonly cookie: CookieMode;
  readonly clearCache: boolean;
  readonly audit: readonly AuditSink[];
  readonly onEvent: ((record: AuditRecord) => void) | undefined;
  readonly logger: Logger;
  readonly warnOnce: WarnOnce;
  readonly secret: string | undefined;
  readonly identify: ((request: unknown) => Identity | null | Promise<Identity | null>) | undefined;
  readonly onEnd: OnEnd | undefined;
  readonly adoptUntilAt: number | null;
  readonly limits: Limits;
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
    ]);
  readings.refuseMistakes();
  if (checked === null || policy === null) throw new ConfigurationError("the options cannot be read");
  const logger = checked.logger ?? console;
  const { onEvent, secret, identify, onEnd, adoptUntil } = checked;
  return {
    ...checked,
    policy,
    store: checked.store ?? inMemory(logger),
    audit: "write" in checked.audit ? [checked.audit] : checked.audit,
    logger,
    warnOnce: createWarnOnce(logger),
    onEvent,
    secret,
    identify,
    onEnd,
    adoptUntilAt: adoptUntil === undefined ? null : Date.parse(adoptUntil),
    limits: limitsOf(checked.limits),
  };
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

function storeMistakes(store: SessionStore | undefined, environment: string | undefined): readonly string[] {
  if (store !== undefined || environment !== "production") return [];
  return ['options.store is missing; in production write for example store: sqliteStore("curfew.db")'];
}

function limitsOf(limits: { readonly [Name in keyof Limits]?: number | undefined }): Limits {
  const { status, failures, refusals, streams } = DEFAULT_LIMITS;
  const most = {
    status: limits.status ?? status,
    failures: limits.failures ?? failures,
    streams: limits.streams ?? streams,
  };
  return { ...most, refusals: limits.refusals ?? Math.max(refusals, most.failures) };
}

function inMemory(logger: Logger): SessionStore {
  logger.warn("curfew: no store was given, so sessions are kept in memory and end with this process");
  return memoryStore();
}
