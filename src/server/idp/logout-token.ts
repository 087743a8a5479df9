/** Logout tokens (OpenID Connect Back-Channel Logout 1.0, sections 2.4 and 2.6): what one must be, and what it says. */
import * as v from "valibot";
import { systemClock } from "../platform/clock.js";
import { Refusal } from "../platform/errors.js";
import type { Discovery } from "./discovery.js";
import { loadJose } from "./jose.js";
import type { ProviderLogout } from "./provider.types.js";

const EVENT = "http://schemas.openid.net/event/backchannel-logout";
const LOGOUT_TYP = "logout+jwt";

/** Of public keys alone: a shared secret proves nothing to whoever did not make it. */
export const ALGORITHMS = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
] as const;

/** A token that is good for longer would have to be remembered for longer: 24 h. */
const LONGEST = 24 * 60 * 60;

const filled = v.pipe(v.string(), v.nonEmpty());
const claims = v.looseObject({
  iss: filled,
  aud: v.union([filled, v.array(filled)]),
  iat: v.number(),
  exp: v.number(),
  jti: filled,
  sid: v.optional(filled),
  sub: v.optional(filled),
  nonce: v.optional(v.never()),
  events: v.looseObject({ [EVENT]: v.pipe(v.unknown(), v.check(isObject)) }),
});

interface Expected {
  readonly issuer: string;
  readonly clientId: string;
  /** Null: those of the provider's document. */
  readonly algorithms: readonly string[] | null;
  /** Whether a token without a type of its own is taken, as old providers send it. */
  readonly legacyTyp: boolean;
  /** By how much the provider's clock may differ, in milliseconds. */
  readonly skew: number;
}

/**
 * @param now server milliseconds
 * @throws Refusal `bad-request`; UnreachableError where the keys cannot be had; ConfigurationError
 */
export async function readLogoutToken(
  token: string,
  expected: Expected,
  discovery: Discovery,
  now: number,
): Promise<ProviderLogout> {
  const { decodeProtectedHeader } = await loadJose();
  const header = attempt(() => decodeProtectedHeader(token), "shape", "is no JWS in its compact form");
  const given = expected.algorithms ?? (await discovery.document()).algorithms;
  const algorithms = ALGORITHMS.filter((name) => given.includes(name));
  if (!algorithms.some((name) => name === header.alg))
    throw bad("alg", "is signed by an algorithm that this provider does not sign by");
  const typ = header.typ?.toLowerCase().replace(/^application\//, "");
  if (typ !== LOGOUT_TYP && !(expected.legacyTyp && (typ === undefined || typ === "jwt")))
    throw bad("typ", `is of another type than ${LOGOUT_TYP}`);
  const payload = await verified(token, [...algorithms], discovery);
  return readClaims(payload, expected, now);
}

/** The payload, once its signature is the provider's: with keys that have been renewed where it names one that is new. */
async function verified(
  token: string,
  algorithms: string[],
  discovery: Discovery,
  since?: number,
): Promise<unknown> {
  const { compactVerify, createLocalJWKSet, errors } = await loadJose();
  const startedAt = systemClock.monotonic();
  const keys = createLocalJWKSet(await discovery.keys(since));
  try {
    const { payload } = await compactVerify(token, keys, { algorithms });
    return attempt(() => JSON.parse(new TextDecoder().decode(payload)), "shape", "holds no JSON");
  } catch (error) {
    if (error instanceof Refusal) throw error;
    if (error instanceof errors.JWKSNoMatchingKey) {
      if (since === undefined) return verified(token, algorithms, discovery, startedAt);
      throw bad("kid", "names a key that this provider does not have");
    }
    if (error instanceof errors.JWKSMultipleMatchingKeys)
      throw bad("kid", "names no key, and the provider has several");
    throw bad("signature", "has no signature of this provider's");
  }
}

/** What the claims say. @throws Refusal */
function readClaims(payload: unknown, { issuer, clientId, skew }: Expected, now: number): ProviderLogout {
  const { success, output, issues } = v.safeParse(claims, payload, { abortEarly: true });
  if (!success) {
    const name = String(issues[0].path?.[0]?.key ?? "claims");
    throw bad(name, `has no claim ${name} as a logout token must`);
  }
  const { iss, aud, iat, exp, jti, sid, sub } = output;
  if (iss !== issuer) throw bad("iss", "is of another issuer");
  if (![aud].flat().includes(clientId)) throw bad("aud", "is for another client");
  const [second, tolerance] = [now / 1_000, skew / 1_000];
  if (second >= exp + tolerance) throw bad("exp", "has expired");
  if (iat > second + tolerance) throw bad("iat", "was issued in the future: compare the two clocks");
  if (exp > second + LONGEST) throw bad("exp", "is good for longer than a day");
  if (sid === undefined && sub === undefined) throw bad("sub", "names neither a session nor a person");
  const goodUntil = Math.ceil((exp + tolerance) * 1_000);
  return {
    iss,
    jti,
    goodUntil,
    ...(sid === undefined ? {} : { sid }),
    ...(sub === undefined ? {} : { sub }),
  };
}

function attempt<T>(work: () => T, code: string, what: string): T {
  try {
    return work();
  } catch {
    throw bad(code, what);
  }
}

function bad(code: string, what: string): Refusal {
  return new Refusal("bad-request", `The logout token ${what}.`, { code });
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
