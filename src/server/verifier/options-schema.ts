/** The verifier's options, each by itself: what it may be, and what to write instead. */
import * as v from "valibot";
import { isSignInUrl } from "../../protocol/sign-in-url.js";
import type { AuditRecord, AuditSink } from "../audit/audit-record.js";
import type { OnEnd } from "../lifecycle/notices.js";
import type { Logger } from "../platform/logger.js";
import { isProxy } from "../platform/networks.js";
import { describe } from "../policy/durations.js";
import type { SessionStore } from "../stores/store.js";
import type { Identity } from "../subject/own-id.js";

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
const sink = v.custom<AuditSink>(has("write"), 'must be a sink, such as jsonLinesAudit("audit.jsonl")');

/** Each of the verifier's options by itself; what goes together only is `readOptions`'. */
export const optionsSchema = v.strictObject(
  {
    policy: v.unknown(),
    store: v.optional(
      v.custom<SessionStore>(has("find", "replace"), 'must be a store, such as sqliteStore("curfew.db")'),
    ),
    signInUrl: v.pipe(
      v.string('must be the path or URL where people sign in, such as "/login"'),
      v.check(
        (value) => isSignInUrl(value),
        'must be a path such as "/login", or a URL that begins with https://, in plain ASCII (percent-encode the rest)',
      ),
    ),
    name: v.optional(
      v.pipe(text, v.regex(/^[A-Za-z0-9_-]{1,40}$/, "must be 1 to 40 letters, digits, - or _")),
      "curfew",
    ),
    base: v.optional(
      v.pipe(
        text,
        v.regex(/^(\/[A-Za-z0-9._~-]+)+$/, 'must be a path such as "/curfew", without a slash at its end'),
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
    logger: v.optional(
      v.custom<Logger>(has("info", "warn", "error"), "must have info, warn and error, as console has"),
    ),
    secret: v.optional(v.pipe(text, v.minLength(32, "must have at least 32 characters"))),
    identify: v.optional(
      v.custom<(request: unknown) => Identity | null>(isFunction, "must be a function of the request"),
    ),
    onEnd: v.optional(v.custom<OnEnd>(isFunction, "must be a function of the session that has ended")),
    adoptUntil: v.optional(
      v.pipe(
        text,
        v.check((value) => !Number.isNaN(Date.parse(value)), 'must be a date, such as "2026-12-31"'),
      ),
    ),
    limits: v.optional(
      v.strictObject({
        status: v.optional(callsAMinute),
        failures: v.optional(callsAMinute),
        refusals: v.optional(callsAMinute),
        streams: v.optional(
          v.pipe(
            v.number("must be a number of open streams"),
            v.integer("must be a whole number"),
            v.minValue(1, "must be at least 1; policy.reach: false stops the streams"),
          ),
        ),
      }),
      {},
    ),
  },
  "must be an object",
);

function isOrigin(value: string): boolean {
  return URL.canParse(value) && new URL(value).origin === value;
}
