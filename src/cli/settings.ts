/** The sidecar's settings: the verifier's own options, and what stands for the ones that JSON cannot say. */
import * as v from "valibot";
import { ConfigurationError } from "../server/platform/errors.js";
import { durationSchema, readConfiguration } from "../server/policy/configuration.js";
import { describe } from "../server/policy/durations.js";
import { type ListenAddress, readPrivateAddress, readPublicAddress } from "./addresses.js";

export interface Webhook {
  readonly url: string;
  readonly secret: string;
}

export interface Settings {
  /** For `createSessionVerifier`, which checks them. */
  readonly options: Readonly<Record<string, unknown>>;
  /** `memory:`, `sqlite:PATH` or `redis://…`; null: the verifier's default. */
  readonly store: string | null;
  /** `jsonl:PATH`. */
  readonly audit: readonly string[];
  /** The cookie of the app's own session. */
  readonly ownCookie: string | null;
  readonly webhook: Webhook | null;
  readonly publicAddress: ListenAddress;
  readonly privateAddress: ListenAddress;
  readonly serviceToken: string | null;
  /** How long the sidecar goes on answering after it was told to stop, in milliseconds. */
  readonly drainPeriod: number;
}

/** As long as a key of 128 bits in hexadecimal. */
export const LEAST_SECRET = 32;

const text = v.string("must be a text");
const secret = v.pipe(text, v.minLength(LEAST_SECRET, `must have at least ${LEAST_SECRET} characters`));
const address = (read: (text: string) => ListenAddress | string) =>
  v.pipe(
    text,
    v.rawTransform<string, ListenAddress>(({ dataset, addIssue, NEVER }) => {
      const result = read(dataset.value);
      if (typeof result !== "string") return result;
      addIssue({ message: result });
      return NEVER;
    }),
  );
const auditFile = v.pipe(
  text,
  v.regex(/^jsonl:./, 'must be a file of JSON lines, such as "jsonl:audit.jsonl"'),
);
const given = v.optional(v.unknown());

const listenSchema = v.strictObject(
  {
    public: v.optional(address(readPublicAddress), "127.0.0.1:4180"),
    private: v.optional(address(readPrivateAddress), "127.0.0.1:4181"),
  },
  'must be an object, such as { "public": "127.0.0.1:4180" }',
);

const identifySchema = v.strictObject(
  { cookie: v.pipe(text, v.regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, "must be the name of a cookie")) },
  'must name a cookie, such as { "cookie": "JSESSIONID" }',
);

const webhookSchema = v.strictObject(
  {
    url: v.pipe(
      text,
      v.check(isWebhookUrl, "must be an http:// or https:// URL without user name and password"),
    ),
    secret,
  },
  'must be an object, such as { "url": "http://127.0.0.1:8080/session-ended", "secret": "32 characters or more" }',
);

const schema = v.strictObject(
  {
    $schema: v.optional(text),
    policy: given,
    store: v.optional(
      v.pipe(
        text,
        v.regex(
          /^(memory:$|sqlite:.|rediss?:\/\/.)/,
          'must be "memory:", "sqlite:PATH" or an address that begins with redis:// or rediss://',
        ),
      ),
    ),
    signInUrl: given,
    name: given,
    base: given,
    origins: given,
    trustProxy: given,
    cookie: given,
    clearCache: given,
    limits: given,
    secret: given,
    adoptUntil: given,
    audit: v.optional(
      v.union([auditFile, v.array(auditFile)], 'must be "jsonl:PATH", or a list of such'),
      [],
    ),
    identify: given,
    onEnd: given,
    listen: given,
    serviceToken: v.optional(secret),
    drain: v.optional(durationSchema),
  },
  "must be an object",
);

/**
 * Checks what the file says beyond the verifier's options.
 * @param token the service token of the environment, which wins
 * @throws ConfigurationError with what to write instead
 */
export function readSettings(input: unknown, token: string | undefined): Settings {
  if (typeof input !== "object" || input === null || Array.isArray(input))
    throw new ConfigurationError(
      `the configuration is ${describe(input)}; write an object with policy, store and signInUrl`,
    );
  const checked = readConfiguration(schema, input, "options");
  const { $schema, store, audit, identify, onEnd, listen = {}, serviceToken, drain, ...options } = checked;
  const addresses = readConfiguration(listenSchema, listen, "options.listen");
  if (token !== undefined && token.length < LEAST_SECRET)
    throw new ConfigurationError(`CURFEW_SERVICE_TOKEN must have at least ${LEAST_SECRET} characters`);
  return {
    options,
    store: store ?? null,
    audit: [audit].flat(),
    ownCookie:
      identify === undefined ? null : readConfiguration(identifySchema, identify, "options.identify").cookie,
    webhook: onEnd === undefined ? null : readConfiguration(webhookSchema, onEnd, "options.onEnd"),
    publicAddress: addresses.public,
    privateAddress: addresses.private,
    serviceToken: token ?? serviceToken ?? null,
    drainPeriod: drain ?? 0,
  };
}

function isWebhookUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, username, password } = new URL(value);
  return (protocol === "http:" || protocol === "https:") && username === "" && password === "";
}
