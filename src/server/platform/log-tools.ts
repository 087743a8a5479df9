/** The hash and the signature's check that a log needs, from `node:crypto`: quicker than those that run everywhere. */
import { createHash, createPublicKey, type KeyObject, verify } from "node:crypto";
import type { ReplayTools } from "../../evidence/replay.types.js";
import type { Tools } from "../../evidence/tools.js";
import { createSignatureVerifier } from "./signatures.js";

export const nodeTools: Tools = {
  sha256(...parts) {
    const hash = createHash("sha256");
    for (const part of parts) hash.update(part);
    return hash.digest();
  },
  verify: async (publicKey, signature, message) => {
    return verify(null, message, importedKey(publicKey), signature);
  },
};

/** A log of years has millions of checkpoints by one key. */
const imported = new WeakMap<Uint8Array, KeyObject>();

function importedKey(publicKey: Uint8Array): KeyObject {
  const known = imported.get(publicKey);
  if (known !== undefined) return known;
  const x = Buffer.from(publicKey).toString("base64url");
  const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
  imported.set(publicKey, key);
  return key;
}

export function nodeReplayTools(): ReplayTools {
  const signatures = createSignatureVerifier();
  return {
    sha256: nodeTools.sha256,
    verify: (jwk, signingInput, signature) => signatures.verify(jwk, signingInput, signature),
  };
}
