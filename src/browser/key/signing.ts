/** The browser's signature: ECDSA P-256 with a private half that no script can read. */
import { encodeBase64url } from "../../protocol/base64url.js";
import { encodeSigningInput } from "../../protocol/compact-jws.js";
import { SIGNATURE_ALG } from "../../protocol/key-binding.js";
import { type PublicJwk, thumbprintInput } from "../../protocol/public-jwk.js";
import { PROTOCOL_VERSION } from "../../protocol/version.js";

export interface SigningKey {
  readonly privateKey: CryptoKey;
  readonly jwk: PublicJwk;
  /** The public half's thumbprint (RFC 7638). */
  readonly kid: string;
}

const CURVE = { name: "ECDSA", namedCurve: "P-256" };
const SIGNATURE = { name: "ECDSA", hash: "SHA-256" };

/** @throws TypeError where the page has no WebCrypto (plain http on another host than localhost). */
export async function makeSigningKey(): Promise<SigningKey> {
  const { privateKey, publicKey } = await crypto.subtle.generateKey(CURVE, false, ["sign", "verify"]);
  const jwk = jwkOf(new Uint8Array(await crypto.subtle.exportKey("raw", publicKey)));
  return { privateKey, jwk, kid: await hashOf(utf8(thumbprintInput(jwk))) };
}

/** Of an uncompressed point: one byte that says so, and two coordinates of 32 bytes (RFC 5480 section 2.2). */
function jwkOf(point: Uint8Array): PublicJwk {
  const x = encodeBase64url(point.subarray(1, 33));
  const y = encodeBase64url(point.subarray(33));
  return { crv: "P-256", kty: "EC", x, y };
}

/** SHA-256 in base64url. */
export async function hashOf(bytes: BufferSource): Promise<string> {
  return encodeBase64url(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}

/**
 * A message of the protocol as a compact JWS, ES256 (docs/protocol.md, "Signed messages").
 *
 * @param named What the header names the key by: its thumbprint, or the public key itself while the server does not know it.
 */
export async function signMessage(
  key: SigningKey,
  typ: string,
  payload: object,
  named: { readonly kid: string } | { readonly jwk: PublicJwk } = { kid: key.kid },
): Promise<string> {
  const input = encodeSigningInput(
    { alg: SIGNATURE_ALG, typ, ...named },
    { v: PROTOCOL_VERSION, ...payload },
  );
  const signature = await crypto.subtle.sign(SIGNATURE, key.privateKey, utf8(input));
  return `${input}.${encodeBase64url(new Uint8Array(signature))}`;
}

function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
