/** The key binding: the browser's public key and the proof that it holds the private one (docs/protocol.md, "Key"). */
import { decodeBase64url } from "./base64url.js";
import { decodeCompactJws, type UnverifiedJws } from "./compact-jws.js";
import { exactObject, integerAt, objectOf, stringAt } from "./members.js";
import { ParseError } from "./parse-error.js";
import type { PublicJwk } from "./public-jwk.js";
import { checkVersion } from "./version.js";

export const KEY_TYP = "curfew-key+jwt";
export const SIGNATURE_ALG = "ES256";

interface KeyBindingPayload {
  readonly v: number;
  readonly aud: string;
  readonly sid: string;
  readonly nonce: string;
}

export interface UnverifiedKeyBinding extends Omit<UnverifiedJws, "header" | "payload"> {
  readonly jwk: PublicJwk;
  readonly payload: KeyBindingPayload;
}

const COORDINATE_BYTES = 32;

/**
 * Reads a key binding strictly.
 * @throws ParseError with the code of the first rule broken.
 */
export function parseKeyBinding(jws: unknown): UnverifiedKeyBinding {
  const { header, payload, ...rest } = decodeCompactJws(jws);
  const { alg, typ, jwk } = exactObject(header, ["alg", "typ", "jwk"], "the binding's header");
  if (alg !== SIGNATURE_ALG) throw new ParseError("alg", `"alg" must be "${SIGNATURE_ALG}"`);
  if (typ !== KEY_TYP) throw new ParseError("typ", `"typ" must be "${KEY_TYP}"`);
  return { ...rest, jwk: parsePublicJwk(jwk), payload: parsePayload(payload) };
}

/** @throws ParseError `jwk` */
export function parsePublicJwk(value: unknown): PublicJwk {
  const jwk = exactObject(value, ["kty", "crv", "x", "y"], '"jwk"');
  if (jwk.kty !== "EC" || jwk.crv !== "P-256")
    throw new ParseError("jwk", "the key must be an EC key on P-256");
  return {
    crv: jwk.crv,
    kty: jwk.kty,
    x: coordinateOf(stringAt(jwk, "x")),
    y: coordinateOf(stringAt(jwk, "y")),
  };
}

function coordinateOf(text: string): string {
  if (decodeBase64url(text)?.length !== COORDINATE_BYTES)
    throw new ParseError("jwk", "a coordinate of the key must be 32 bytes in base64url");
  return text;
}

function parsePayload(value: unknown): KeyBindingPayload {
  checkVersion(objectOf(value, "the binding").v);
  const payload = exactObject(value, ["v", "aud", "sid", "nonce"], "the binding");
  return {
    v: integerAt(payload, "v"),
    aud: stringAt(payload, "aud"),
    sid: stringAt(payload, "sid"),
    nonce: stringAt(payload, "nonce"),
  };
}
