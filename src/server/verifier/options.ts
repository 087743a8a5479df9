/** The verifier's options, each by itself: what it is for, what it may be, and what to write instead. */
import * as v from "valibot";
import { isSignInUrl } from "../../protocol/sign-in-url.js";
import type { AuditRecord, AuditSink } from "../audit/audit-record.js";
import type { CookieMode } from "../http/cookies.js";
import { DEFAULT_LIMITS, type Limits } from "../http/limits.js";
import { isOrigin } from "../http/origins.js";
import type { IdentityProvider } from "../idp/provider.types.js";
import type { OnEnd } from "../lifecycle/notices.js";
import type { Logger } from "../platform/logger.js";
import { isProxy } from "../platform/networks.js";
import { type WebhookOptions, webhookSchema } from "../platform/webhook-options.js";
import { describe } from "../policy/durations.js";
import type { PolicyOptions } from "../policy/policy.types.js";
import { isInstant } from "../policy/policy-schema.js";
import type { SessionStore } from "../stores/store.js";
import type { Identity } from "../subject/own-id.js";
import { type WatchOptions, watchOptionsSchema } from "../watch/options.js";

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
  /**
   * Runs rules over the audit records, and alerts: `{}` for all of them (docs/alerts.md). An alert is a record of its own
   * (`alert_raised`), and is told to `onAlert`. Default: nothing is watched.
   */
  readonly watch?: WatchOptions;
  /** Default `console`. */
  readonly logger?: Logger;
  /** The key of the subjects' pseudonyms in the audit trail, at least 32 characters. Default: made once and kept in the store. */
  readonly secret?: string;
  /**
   * What a person's pseudonym in the audit trail is made of: `"shared"`, the `secret`; `"own"`, a key of each person besides, which
   * `forget` deletes (docs/privacy.md). It concerns sessions that begin from then on. Default `"shared"`.
   */
  readonly pseudonyms?: "shared" | "own";
  /**
   * For an app that keeps its own session: says which one a request presents, in place of Curfew's cookie. It is given
   * the framework's own request (`IncomingMessage`, `Request`).
   */
  readonly identify?: Identify;
  /** Destroys the app's own session. Called at least once for each end. */
  readonly onEnd?: OnEnd;
  /**
   * Where each end is posted, at least once, for whoever is not in this process (docs/outbox.md). A receiver that fails is
   * tried again for three days, and nobody waits for it. Default nowhere.
   */
  readonly webhook?: WebhookOptions;
  /**
   * People sign in by an identity provider, so `start` and `reauthenticate` must be told `authenticatedAt`: without it a
   * provider's silent answer would count as a person's sign-in of now (docs/sso.md). `oidc({ issuer, clientId })` of
   * `curfew/server/oidc` besides lets the provider end sessions, at `POST {base}/idp/logout`; `true` does not.
   */
  readonly idp?: true | IdentityProvider;
  /**
   * Several apps that share a sign-in: what they call themselves together, and from which of them a person's activity counts
   * here, by their `name`, where the policy says `activity: "group"`. Give `store` where the apps keep their sessions in
   * several stores: one that all of them reach, and that the verifier closes.
   */
  readonly group?: GroupOptions;
  /** Until when sessions that the app had before Curfew are adopted by `identify`: a date, such as `"2026-12-31"`. */
  readonly adoptUntil?: string;
  /**
   * Calls a minute that are answered, for one session from one address, and streams of news that are open at a time.
   * Default `{ status: 1200, failures: 60, refusals: 120, streams: 10000 }`.
   */
  readonly limits?: Partial<Limits>;
}

export interface GroupOptions {
  /** The same in each app: 1 to 40 letters, digits, `-` or `_`. */
  readonly name: string;
  /** The apps whose accepted heartbeats count here. Default none: the app tells the others, and takes nothing. */
  readonly trusts?: readonly string[];
  /** Default: the app's own store. */
  readonly store?: SessionStore;
}

/** The app's own session, as a request presents it; null where there is none. */
export type Identify = (request: never) => Identity | null | Promise<Identity | null>;

/** One schema for each option: one that is in the interface and not here does not compile, nor the other way round. */
type EntriesOf<Options> = {
  readonly [Name in keyof Options]-?: v.GenericSchema<unknown, Options[Name]>;
};

const text = v.string("must be a text");
const has =
  (...methods: readonly string[]) =>
  (value: unknown) =>
    typeof value === "object" &&
    value !== null &&
    methods.every((name) => typeof Reflect.get(value, name) === "function");
const isFunction = (value: unknown) => typeof value === "function";
const callsAMinute = v.pipe(
  v.number("must be a number of calls a minute"),
  v.integer("must be a whole number"),
  v.minValue(1, "must be at least 1"),
);
const appName = v.pipe(text, v.regex(/^[A-Za-z0-9_-]{1,40}$/, "must be 1 to 40 letters, digits, - or _"));
const aStore = v.custom<SessionStore>(
  has("find", "replace"),
  'must be a store, such as sqliteStore("curfew.db")',
);
const sink = v.custom<AuditSink>(has("write"), 'must be a sink, such as jsonLinesAudit("audit.jsonl")');

/** What goes together only is `readOptions`'. */
export const optionsSchema = v.strictObject(
  {
    /** Read by `readPolicy`. */
    policy: v.custom<PolicyOptions>(() => true),
    store: v.optional(aStore),
    signInUrl: v.pipe(
      v.string('must be the path or URL where people sign in, such as "/login"'),
      v.check(
        (value) => isSignInUrl(value),
        'must be a path such as "/login", or a URL that begins with https://, in plain ASCII (percent-encode the rest)',
      ),
    ),
    name: v.optional(appName, "curfew"),
    base: v.optional(
      v.pipe(
        text,
        v.regex(/^(\/[A-Za-z0-9._~-]+)+$/, 'must be a path such as "/curfew", without a slash at its end'),
        // No browser asks for such a path: it takes the dots away first.
        v.regex(/^(?!.*\/\.{1,2}(\/|$))/, 'must be a path without dot segments, such as "/curfew"'),
      ),
      "/curfew",
    ),
    origins: v.optional(
      v.array(
        v.pipe(
          text,
          v.check(isOrigin, 'must be an origin such as "https://app.example.com", without a path'),
        ),
        "must be a list of origins",
      ),
      [],
    ),
    trustProxy: v.optional(
      v.pipe(
        v.array(text, 'must be a list of addresses, such as ["loopback", "10.0.0.0/8"]'),
        v.check(
          (proxies) => proxies.every(isProxy),
          ({ input }) =>
            `cannot be used: ${describe(input.find((proxy) => !isProxy(proxy)))} is no address, no network and no peer on a socket; write for example ["loopback", "10.0.0.0/8"], or ["unix"]`,
        ),
      ),
      [],
    ),
    cookie: v.optional(v.picklist(["host", "plain"], 'must be "host" or "plain"'), "host"),
    clearCache: v.optional(v.boolean("must be true or false"), true),
    audit: v.optional(v.union([sink, v.array(sink)], "must be a sink or a list of sinks"), []),
    onEvent: v.optional(v.custom<(record: AuditRecord) => void>(isFunction, "must be a function")),
    watch: v.exactOptional(watchOptionsSchema),
    logger: v.optional(
      v.custom<Logger>(has("info", "warn", "error"), "must have info, warn and error, as console has"),
    ),
    secret: v.optional(v.pipe(text, v.minLength(32, "must have at least 32 characters"))),
    pseudonyms: v.optional(v.picklist(["shared", "own"], 'must be "shared" or "own"'), "shared"),
    identify: v.optional(v.custom<Identify>(isFunction, "must be a function of the request")),
    onEnd: v.optional(v.custom<OnEnd>(isFunction, "must be a function of the session that has ended")),
    webhook: v.optional(webhookSchema),
    idp: v.optional(
      v.union(
        [v.literal(true), v.custom<IdentityProvider>(has("readLogout", "ready"))],
        "must be oidc({ issuer, clientId }), or true, where people sign in by an identity provider; else leave it out",
      ),
    ),
    group: v.optional(
      v.strictObject(
        {
          name: appName,
          trusts: v.optional(v.array(appName, 'must be a list of apps, such as ["mail"]'), []),
          store: v.exactOptional(aStore),
        },
        'must be an object, such as { name: "bank", trusts: ["mail"] }',
      ),
    ),
    adoptUntil: v.optional(
      v.pipe(
        text,
        v.check(
          isInstant,
          'must be a date, such as "2026-12-31", or an instant with its zone, such as "2026-12-31T08:00:00+01:00"',
        ),
      ),
    ),
    limits: v.optional(
      v.pipe(
        v.strictObject({
          status: v.optional(callsAMinute, DEFAULT_LIMITS.status),
          failures: v.optional(callsAMinute, DEFAULT_LIMITS.failures),
          refusals: v.optional(callsAMinute),
          streams: v.optional(
            v.pipe(
              v.number("must be a number of open streams"),
              v.integer("must be a whole number"),
              v.minValue(1, "must be at least 1; policy.reach: false stops the streams"),
            ),
            DEFAULT_LIMITS.streams,
          ),
        }),
        v.transform(
          ({ refusals, ...most }): Limits => ({
            ...most,
            refusals: refusals ?? Math.max(DEFAULT_LIMITS.refusals, most.failures),
          }),
        ),
      ),
      {},
    ),
  } satisfies EntriesOf<SessionVerifierOptions>,
  "must be an object",
);
