/** A file with an Ed25519 key, made for its owner alone where there is none. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { ConfigurationError, messageOf } from "../../platform/errors.js";
import { makeWhole } from "../../platform/files.js";

interface KeyFile {
  /** 32 bytes (RFC 8032). */
  readonly publicKey: Uint8Array;
  sign(bytes: Uint8Array): Uint8Array;
}

const PUBLIC_LENGTH = 32;

/**
 * @param whose what the message begins with, such as `signedLog`
 * @throws ConfigurationError where the file holds no such key
 */
export function openKeyFile(whose: string, path: string): KeyFile {
  const pem = existsSync(path) ? readFileSync(path, "utf8") : makeKey(path);
  try {
    const privateKey = createPrivateKey(pem);
    if (privateKey.asymmetricKeyType !== "ed25519")
      throw new Error(`it is of type ${privateKey.asymmetricKeyType}`);
    const spki = createPublicKey(pem).export({ type: "spki", format: "der" });
    return { publicKey: spki.subarray(-PUBLIC_LENGTH), sign: (bytes) => sign(null, bytes, privateKey) };
  } catch (error) {
    throw new ConfigurationError(
      `${whose}: ${JSON.stringify(path)} must hold an Ed25519 private key as PEM: ${messageOf(error)}`,
    );
  }
}

function makeKey(path: string): string {
  const { privateKey } = generateKeyPairSync("ed25519", {
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  return makeWhole(path, privateKey) ? privateKey : readFileSync(path, "utf8");
}
