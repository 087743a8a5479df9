/** A browser's key for tests: ECDSA P-256, as the client makes it, with `node:crypto`. */
import { createPrivateKey, generateKeyPairSync, sign } from "node:crypto";
import { encodeSigningInput } from "../protocol/compact-jws.js";
import type { PublicJwk } from "../protocol/public-jwk.js";
import { thumbprintOf } from "../server/platform/signatures.js";

export interface TestKey {
  /** The key's JWK thumbprint (RFC 7638). */
  readonly thumbprint: string;
  /** The public half. */
  readonly jwk: PublicJwk;
  /** A compact JWS, signed with ES256. */
  sign(header: unknown, payload: unknown): string;
}

/** An SPKI of P-256 ends with its point, uncompressed (RFC 5480 section 2.2). */
const COORDINATE_BYTES = 32;

/**
 * Makes a new key. The generation encodes it: a key object that Node has generated can lock itself out while it is
 * exported (its garbage collection then waits for the export).
 */
export function createTestKey(): TestKey {
  const encoded = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    publicKeyEncoding: { type: "spki", format: "der" },
    privateKeyEncoding: { type: "pkcs8", format: "der" },
  });
  const privateKey = createPrivateKey({ key: encoded.privateKey, type: "pkcs8", format: "der" });
  const x = encoded.publicKey.subarray(-2 * COORDINATE_BYTES, -COORDINATE_BYTES).toString("base64url");
  const y = encoded.publicKey.subarray(-COORDINATE_BYTES).toString("base64url");
  const jwk = { kty: "EC", crv: "P-256", x, y } as const;
  return {
    jwk,
    thumbprint: thumbprintOf(jwk),
    sign(header, payload) {
      const input = encodeSigningInput(header, payload);
      const key = { key: privateKey, dsaEncoding: "ieee-p1363" } as const;
      return `${input}.${sign("sha256", Buffer.from(input), key).toString("base64url")}`;
    },
  };
}
