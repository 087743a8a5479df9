/** Random values and hashes, from `node:crypto`. */
import { createHash, createHmac, randomBytes } from "node:crypto";

/** `bytes` random bytes in base64url. */
export function randomText(bytes: number): string {
  return randomBytes(bytes).toString("base64url");
}

/** SHA-256 over the parts, in base64url. */
export function sha256(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("base64url");
}

/** A pseudonym that only the holder of `key` can link to `value`. */
export function keyedHash(key: string, value: string): string {
  return createHmac("sha256", key).update(value).digest("base64url");
}
