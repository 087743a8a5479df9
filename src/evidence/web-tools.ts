/**
 * A hash that answers at once, and Web Crypto for signatures (Ed25519: Node 20, Chromium 137, Firefox 129, Safari 17): for
 * Node and for browsers.
 */
import { sha256 } from "@noble/hashes/sha2";
import { concatenated, utf8 } from "./bytes.js";
import type { ReplayTools } from "./replay.types.js";
import type { Tools } from "./tools.js";

const ALGORITHM = "Ed25519";
const ES256 = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

/** A log of years has millions of checkpoints by one key. */
const imported = new WeakMap<Uint8Array, Promise<CryptoKey>>();

export const webTools: Tools = {
  sha256: (...parts) => sha256(concatenated(...parts)),
  async verify(publicKey, signature, message) {
    const key =
      imported.get(publicKey) ??
      crypto.subtle.importKey("raw", concatenated(publicKey), ALGORITHM, false, ["verify"]);
    imported.set(publicKey, key);
    return crypto.subtle.verify(ALGORITHM, await key, concatenated(signature), concatenated(message));
  },
};

export const webReplayTools: ReplayTools = {
  sha256: (bytes) => sha256(bytes),
  async verify({ kty, crv, x, y }, signingInput, signature) {
    try {
      const key = await crypto.subtle.importKey("jwk", { kty, crv, x, y }, ES256, false, ["verify"]);
      return await crypto.subtle.verify(
        ES256,
        key,
        concatenated(signature),
        concatenated(utf8(signingInput)),
      );
    } catch {
      // A point that is not on the curve: no signature can be right for it.
      return false;
    }
  },
};
