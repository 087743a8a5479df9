/** Random values, hashes and seals, from `node:crypto`. */
import crypto, {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  hkdfSync,
  randomBytes,
} from "node:crypto";

/** How many random bytes are asked for at a time: asking costs as much as many of them. */
const POOL = 4_096;
let pool = Buffer.alloc(0);

/** `bytes` random bytes in base64url. Those that were given out are wiped, so that no later reader of memory finds them here. */
export function randomText(bytes: number): string {
  if (pool.length < bytes) pool = randomBytes(Math.max(POOL, bytes));
  const taken = pool.subarray(0, bytes);
  pool = pool.subarray(bytes);
  const text = taken.toString("base64url");
  taken.fill(0);
  return text;
}

const { hash: hashAtOnce } = crypto as Partial<Pick<typeof crypto, "hash">>;

/** SHA-256 over the parts, in base64url. */
export function sha256(...parts: readonly (string | Uint8Array)[]): string {
  const [first = "", ...more] = parts;
  const whole = more.length === 0 ? first : Buffer.concat(parts.map((part) => Buffer.from(part)));
  // In one call where Node can (20.12 and later): a hash of a few hundred bytes costs half as much so.
  return hashAtOnce?.("sha256", whole, "base64url") ?? createHash("sha256").update(whole).digest("base64url");
}

/** A pseudonym that only the holder of `key` can link to `value`. */
export function keyedHash(key: string | Uint8Array, value: string): string {
  return createHmac("sha256", key).update(value).digest("base64url");
}

const SEAL = "aes-256-gcm";
const IV_LENGTH = 12;
const TAG_LENGTH = 16;

/** Encrypts a text for whoever holds `secret`. */
export function seal(secret: string, text: string): string {
  const iv = randomBytes(IV_LENGTH);
  const cipher = createCipheriv(SEAL, derivedKey(secret, "own-id"), iv);
  const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString("base64url");
}

/** What was sealed, or null where the secret is another one or the text was changed. */
export function unseal(secret: string, sealed: string): string | null {
  const bytes = Buffer.from(sealed, "base64url");
  try {
    const decipher = createDecipheriv(SEAL, derivedKey(secret, "own-id"), bytes.subarray(0, IV_LENGTH));
    decipher.setAuthTag(bytes.subarray(IV_LENGTH, IV_LENGTH + TAG_LENGTH));
    const text = Buffer.concat([decipher.update(bytes.subarray(IV_LENGTH + TAG_LENGTH)), decipher.final()]);
    return text.toString("utf8");
  } catch {
    return null;
  }
}

/** A key for one use alone (HKDF, RFC 5869): what it hashes or seals says nothing of the secret's other uses. */
export function derivedKey(secret: string, use: "own-id" | "place"): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", secret, "curfew", use, 32));
}
