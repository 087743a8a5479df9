/** Imports the browsers' public keys and verifies ES256 signatures with them. */
import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { type PublicJwk, thumbprintInput } from "../../protocol/public-jwk.js";
import { putRecent } from "./recent.js";
import { sha256 } from "./secrets.js";

/** Verifies signatures; importing a key costs four times the verification, so imported keys are kept. */
export interface SignatureVerifier {
  verify(jwk: PublicJwk, signingInput: string, signature: Uint8Array): boolean;
}

/** The key's JWK thumbprint (RFC 7638). */
export function thumbprintOf(jwk: PublicJwk): string {
  return sha256(thumbprintInput(jwk));
}

/** @param capacity how many imported keys are kept, the least recently used go first */
export function createSignatureVerifier(capacity = 10_000): SignatureVerifier {
  const keys = new Map<string, KeyObject>();
  const keyFor = (jwk: PublicJwk): KeyObject => {
    const name = `${jwk.x}.${jwk.y}`;
    const key = keys.get(name) ?? createPublicKey({ key: { ...jwk }, format: "jwk" });
    putRecent(keys, capacity, name, key);
    return key;
  };
  return {
    verify(jwk, signingInput, signature) {
      try {
        const key = keyFor(jwk);
        return verify("sha256", Buffer.from(signingInput), { key, dsaEncoding: "ieee-p1363" }, signature);
      } catch {
        // A point that is not on the curve: no signature can be right for it.
        return false;
      }
    },
  };
}
