/** The options of the signed log, read and checked. */
import * as v from "valibot";
import { ED25519_COSIGNATURE, parseVerifierKey, type VerifierKey } from "../../../evidence/note.js";
import { ConfigurationError, messageOf } from "../../platform/errors.js";
import { nodeTools } from "../../platform/log-tools.js";
import { loadTimeStamps } from "../../platform/time-stamps.js";
import { durationSchema, readConfiguration } from "../../policy/configuration.js";
import { describe } from "../../policy/durations.js";
import { type WhenLost, whenLost } from "../when-lost.js";
import type { Authority } from "./authority.js";
import type { LogSigner } from "./key.js";
import type { Witness } from "./witnesses.js";

export interface SignedLogOptions extends WhenLost {
  /** Where the log stands; made where it is not there. One process writes it. */
  readonly directory: string;
  /** The log's name, such as `bank.example/portal/node-1`, without spaces and plus signs. Default: made of the machine's name, and kept. */
  readonly origin?: string;
  /** The file of the signing key (Ed25519, PEM), or a key service. Default: `log.key` in the directory, made where there is none. */
  readonly key?: string | LogSigner;
  /** How long a record waits for its signature at most, as text with a unit, `"100ms"` to `"1h"`. Default: `"10s"`. */
  readonly checkpointEvery?: string;
  /** Who is asked to sign each head too (C2SP tlog-witness): where, and by which key. Default: nobody. */
  readonly witnesses?: readonly WitnessOptions[];
  /** Who is asked to time-stamp heads (RFC 3161): a URL, or more. Needs the package `pkijs`. Default: nobody. */
  readonly timestamp?: string | TimestampOptions;
}

export interface TimestampOptions {
  /** Where the authority answers, such as `http://timestamp.example/tsa`. */
  readonly url: string;
  /** How often a head is stamped, as text with a unit, `"10s"` to `"1d"`; the last one is at a close. Default: `"1h"`. */
  readonly every?: string;
  /** The certificates (PEM) that the authority's must lead to: an answer that does not is not kept. Default: not looked at. */
  readonly ca?: string;
}

export interface WitnessOptions {
  /** What stands before `/add-checkpoint`, such as `https://witness.example`. */
  readonly url: string;
  /** The witness's key, as `NAME+ID+BASE64` (Ed25519 cosignatures, type 4). */
  readonly vkey: string;
}

const LEAST_INTERVAL = 100;
const LEAST_STAMP_INTERVAL = 10_000;
const LONGEST_STAMP_INTERVAL = 86_400_000;
/** A time in which nothing happened is signed too: else a cut looks like a pause. */
export const SILENCE = 3_600_000;

function isHttpUrl(text: string): boolean {
  try {
    const { protocol, username, password } = new URL(text);
    return ["http:", "https:"].includes(protocol) && username === "" && password === "";
  } catch {
    return false;
  }
}

function witnessKey(text: string): VerifierKey | null {
  const key = parseVerifierKey(nodeTools.sha256, text);
  return key?.type === ED25519_COSIGNATURE ? key : null;
}

const witnessSchema = v.strictObject(
  {
    url: v.pipe(
      v.string('must be a URL, such as "https://witness.example"'),
      v.check(
        isHttpUrl,
        'must be an http:// or https:// URL without user name and password, such as "https://witness.example"',
      ),
    ),
    vkey: v.pipe(
      v.string('must be the witness\'s key, such as "witness.example+1a2b3c4d+BASE64"'),
      v.check(
        (text) => witnessKey(text) !== null,
        "must be a witness's key, NAME+ID+BASE64, as its operator publishes it (Ed25519 cosignatures, type 4)",
      ),
    ),
  },
  'must be an object, such as { url: "https://witness.example", vkey: "witness.example+…" }',
);

const URL_OF_AUTHORITY =
  'must be an http:// or https:// URL without user name and password, such as "http://timestamp.example/tsa"';
const authorityUrl = v.pipe(v.string(URL_OF_AUTHORITY), v.check(isHttpUrl, URL_OF_AUTHORITY));

const timestampSchema = v.union(
  [
    v.pipe(
      authorityUrl,
      v.transform((url) => ({ url, every: SILENCE, ca: undefined })),
    ),
    v.strictObject({
      url: authorityUrl,
      every: v.optional(
        v.pipe(
          durationSchema,
          v.check(
            (interval) => interval >= LEAST_STAMP_INTERVAL && interval <= LONGEST_STAMP_INTERVAL,
            'is out of bounds; write one from "10s" to "1d"',
          ),
        ),
        "1h",
      ),
      ca: v.optional(v.string("must be the text of PEM certificates")),
    } satisfies Record<keyof TimestampOptions, v.GenericSchema>),
  ],
  "must be the URL of a time-stamping authority, or { url, every, ca }",
);

const schema = v.strictObject(
  {
    directory: v.pipe(
      v.string('must be a path, such as "audit"'),
      v.minLength(1, 'must be a path, such as "audit"'),
    ),
    origin: v.exactOptional(
      v.pipe(
        v.string("must be a text"),
        v.regex(
          /^[^\s+]+$/,
          ({ input }) =>
            `is ${describe(input)}; write a name without spaces and plus signs, such as "bank.example/portal/node-1"`,
        ),
      ),
    ),
    key: v.exactOptional(
      v.union(
        [
          v.string(),
          v.custom<LogSigner>(
            (value) => typeof Object(value).vkey === "string" && typeof Object(value).sign === "function",
          ),
        ],
        "must be the path of an Ed25519 key (PEM), or a key service { vkey, sign(bytes) }",
      ),
    ),
    checkpointEvery: v.optional(
      v.pipe(
        durationSchema,
        v.check(
          (interval) => interval >= LEAST_INTERVAL && interval <= SILENCE,
          'is out of bounds; write one from "100ms" to "1h"',
        ),
      ),
      "10s",
    ),
    whenLost,
    witnesses: v.optional(v.array(witnessSchema, "must be a list of { url, vkey }"), []),
    timestamp: v.exactOptional(timestampSchema),
  } satisfies Record<keyof SignedLogOptions, v.GenericSchema>,
  'must be an object, such as { directory: "audit" }',
);

interface CheckedLogOptions {
  readonly directory: string;
  readonly origin?: string;
  readonly key?: string | LogSigner;
  readonly checkpointEvery: number;
  readonly whenLost: "continue" | "refuse";
  readonly witnesses: readonly Witness[];
  readonly authority: Authority | null;
}

/** @throws ConfigurationError with every mistake, and what to write instead */
export function readLogOptions(options: SignedLogOptions): CheckedLogOptions {
  const { witnesses, timestamp, ...checked } = readConfiguration(schema, options, "signedLog's options");
  return {
    ...checked,
    authority: timestamp === undefined ? null : authorityOf(timestamp),
    witnesses: witnesses.flatMap(({ url, vkey }) => {
      const key = witnessKey(vkey);
      return key === null ? [] : [{ url, key }];
    }),
  };
}

function authorityOf({ url, every: interval, ca }: v.InferOutput<typeof timestampSchema>): Authority {
  const stamps = loadTimeStamps("signedLog");
  try {
    return { url, interval, stamps, roots: ca === undefined ? [] : stamps.roots(ca) };
  } catch (error) {
    throw new ConfigurationError(
      `signedLog's options.timestamp.ca must be the text of PEM certificates: ${messageOf(error)}`,
    );
  }
}
