/** A browser's key for tests: ECDSA P-256, as the client makes it, with `node:crypto`. */
import { generateKeyPairSync, sign } from "node:crypto";
import { encodeSigningInput } from "../protocol/compact-jws.js";
import type { PublicJwk } from "../protocol/key-binding.js";
import { thumbprintOf } from "../server/platform/signatures.js";

export interface TestKey {
  /** The key's JWK thumbprint (RFC 7638). */
  readonly thumbprint: string;
  /** The public half. */
  readonly jwk: PublicJwk;
  /** A compact JWS, signed with ES256. */
  sign(header: unknown, payload: unknown): string;
}

/** Makes a new key. */
export function createTestKey(): TestKey {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { x = "", y = "" } = publicKey.export({ format: "jwk" });
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
