/**
 * A hash that answers at once, and Web Crypto for signatures (Ed25519: Node 20, Chromium 137, Firefox 129, Safari 17): for
 * Node and for browsers.
 */
import { sha256 } from "@noble/hashes/sha2";
import { concatenated } from "./bytes.js";
import type { Tools } from "./tools.js";

const ALGORITHM = "Ed25519";

export const webTools: Tools = {
  sha256: (...parts) => sha256(concatenated(...parts)),
  async verify(publicKey, signature, message) {
    const key = await crypto.subtle.importKey("raw", concatenated(publicKey), ALGORITHM, false, ["verify"]);
    return crypto.subtle.verify(ALGORITHM, key, concatenated(signature), concatenated(message));
  },
};
