/** The sidecar's settings: the verifier's own options, and what stands for the ones that JSON cannot say. */
import * as v from "valibot";
import { type WebhookOptions, webhookSchema } from "../../server/platform/webhook-options.js";
import { durationSchema, parseConfiguration, type Reading } from "../../server/policy/configuration.js";
import { describe } from "../../server/policy/durations.js";
import { type PostgresOptions, postgresEntries } from "../../server/stores/postgres/options.js";
import { optionsSchema } from "../../server/verifier/options.js";
import { type ListenAddress, readPrivateAddress, readPublicAddress } from "./addresses.js";
import { type AuditSetting, auditSchema } from "./audit.js";
import { isPostgres, storeAddress } from "./stores.js";

export interface Settings {
  /** For `createSessionVerifier`, which checks them. */
  readonly options: Readonly<Record<string, unknown>>;
  /** `memory:`, `sqlite:PATH`, `redis://…` or `postgres://…`; null: the verifier's default. */
  readonly store: string | null;
  /** Of a store in PostgreSQL. */
  readonly postgres: PostgresOptions;
  readonly audit: readonly AuditSetting[];
  /** The cookie of the app's own session. */
  readonly ownCookie: string | null;
  readonly webhook: WebhookOptions | null;
  readonly publicAddress: ListenAddress;
  readonly privateAddress: ListenAddress;
  readonly serviceToken: string | null;
  /** How long the sidecar goes on answering after it was told to stop, in milliseconds. */
  readonly drainPeriod: number;
}

/** As long as a key of 128 bits in hexadecimal. */
const LEAST_SECRET = 32;

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

const postgresSchema = v.strictObject(postgresEntries, 'must be an object, such as { "schema": "app" }');

/** The verifier's options that JSON cannot say as the verifier takes them, or says by another name; all others the file may have as they are. */
const OTHERWISE = [
  "policy",
  "store",
  "audit",
  "onEvent",
  "logger",
  "identify",
  "onEnd",
  "webhook",
  "adoptUntil",
];
const VERIFIER_KEYS = Object.keys(optionsSchema.entries).filter((name) => !OTHERWISE.includes(name));
const verifierEntries = Object.fromEntries(VERIFIER_KEYS.map((name) => [name, given]));

const schema = v.strictObject(
  {
    $schema: v.optional(text),
    policy: given,
    store: v.optional(storeAddress),
    postgres: given,
    ...verifierEntries,
    audit: v.optional(
      v.union(
        [auditSchema, v.array(auditSchema)],
        'must be "jsonl:PATH", "log:DIRECTORY" or an object such as { "syslog": { "host": "syslog.example" } }, or a list of such',
      ),
      [],
    ),
    identify: given,
    adoptUntil: v.optional(
      v.never(
        "cannot be used here: the app's cookie does not say whose session it is; leave it out, and let the app call POST /sessions",
      ),
    ),
    onEnd: given,
    /** The rest of it is the verifier's to check. */
    group: v.optional(
      v.looseObject(
        { store: v.optional(storeAddress) },
        'must be an object, such as { "name": "bank", "trusts": ["mail"] }',
      ),
    ),
    listen: given,
    serviceToken: v.optional(secret),
    drain: v.optional(durationSchema),
  },
  "must be an object",
);

/**
 * Reads what the file says beyond the verifier's options, and says everything that is wrong with it.
 * @param token the service token of the environment, which wins
 */
export function parseSettings(input: unknown, token: string | undefined): Reading<Settings> {
  if (typeof input !== "object" || input === null || Array.isArray(input))
    return {
      value: null,
      mistakes: [`the configuration is ${describe(input)}; write an object with policy, store and signInUrl`],
    };
  const whole = parseConfiguration(schema, input, "options");
  const listen =
    partOf(input, "listen", listenSchema) ?? parseConfiguration(listenSchema, {}, "options.listen");
  const own = partOf(input, "identify", identifySchema);
  const webhook = partOf(input, "onEnd", webhookSchema);
  const postgres = partOf(input, "postgres", postgresSchema);
  const mistakes = [whole, listen, own, webhook, postgres].flatMap((reading) => reading?.mistakes ?? []);
  if (token !== undefined && token.length < LEAST_SECRET)
    mistakes.push(`CURFEW_SERVICE_TOKEN must have at least ${LEAST_SECRET} characters`);
  if (whole.value === null || listen.value === null) return { value: null, mistakes };
  if (postgres !== null && !isPostgres(whole.value.store))
    mistakes.push(
      "options.postgres is for a store in PostgreSQL alone; write store: postgres://…, or leave it out",
    );
  const {
    $schema,
    store,
    audit,
    serviceToken,
    drain,
    listen: _1,
    identify: _2,
    onEnd: _3,
    postgres: _4,
    ...options
  } = whole.value;
  return {
    value: {
      options,
      store: store ?? null,
      postgres: postgres?.value ?? {},
      audit: [audit].flat(),
      ownCookie: own?.value?.cookie ?? null,
      webhook: webhook?.value ?? null,
      publicAddress: listen.value.public,
      privateAddress: listen.value.private,
      serviceToken: token ?? serviceToken ?? null,
      drainPeriod: drain ?? 0,
    },
    mistakes,
  };
}

/** A part of the file that is an object of its own; null where the file does not have it. */
function partOf<const Schema extends v.GenericSchema>(
  input: object,
  name: string,
  partSchema: Schema,
): Reading<v.InferOutput<Schema>> | null {
  const part: unknown = Reflect.get(input, name);
  return part === undefined ? null : parseConfiguration(partSchema, part, `options.${name}`);
}

/** What of the file the verifier itself checks, whatever the rest is. */
export function verifierPart(input: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(input).filter(([name]) => name === "policy" || VERIFIER_KEYS.includes(name)),
  );
}
