/** The key that a log signs its checkpoints with. */
import { existsSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import {
  ED25519,
  formatVerifierKey,
  parseVerifierKey,
  type VerifierKey,
  verifierKey,
} from "../../../evidence/note.js";
import { ConfigurationError } from "../../platform/errors.js";
import { makeWhole } from "../../platform/files.js";
import { nodeTools } from "../../platform/log-tools.js";
import { randomText } from "../../platform/secrets.js";
import { openKeyFile } from "./key-file.js";
import { keyPath, verifierKeyPath } from "./paths.js";

/** Whoever is to check the trail is given it. */
const FOR_READERS = 0o666;

/** Signs for a log. A key service can be one. */
export interface LogSigner {
  /** The key, as `NAME+ID+BASE64`; its name is the log's origin. */
  readonly vkey: string;
  /** The Ed25519 signature (RFC 8032) over these bytes: 64 bytes. */
  sign(bytes: Uint8Array): Uint8Array | Promise<Uint8Array>;
}

export interface OpenedKey {
  readonly key: VerifierKey;
  sign(bytes: Uint8Array): Uint8Array | Promise<Uint8Array>;
}

/**
 * The key of the log in `directory`: made where there is none, with the public half beside it in `log.vkey`.
 * @param origin the log's name where it is new
 * @throws ConfigurationError where the files do not belong together, or name another origin
 */
export function openKey(
  directory: string,
  origin: string | undefined,
  given: string | LogSigner | undefined,
): OpenedKey {
  const published = verifierKeyPath(directory);
  const known = existsSync(published) ? readVerifier(readFileSync(published, "utf8"), published) : null;
  const name = origin ?? known?.name;
  if (known !== null && name !== known.name)
    throw new ConfigurationError(
      `signedLog: "origin" is ${JSON.stringify(origin)}, and the log in ${JSON.stringify(directory)} has the name ${JSON.stringify(known.name)}: leave "origin" out, or begin a log in another directory`,
    );
  const opened =
    typeof given === "object" ? ofSigner(given) : ofFile(given ?? keyPath(directory), name ?? newOrigin());
  if (known !== null && formatVerifierKey(known) !== formatVerifierKey(opened.key))
    throw new ConfigurationError(
      `signedLog: the key is not the one of ${JSON.stringify(published)}: a log keeps its key; begin a log in another directory`,
    );
  if (known === null) makeWhole(published, `${formatVerifierKey(opened.key)}\n`, FOR_READERS);
  return opened;
}

function readVerifier(text: string, path: string): VerifierKey {
  const key = parseVerifierKey(nodeTools.sha256, text);
  if (key?.type === ED25519) return key;
  throw new ConfigurationError(
    `signedLog: ${JSON.stringify(path)} is no verifier key (NAME+ID+BASE64, Ed25519)`,
  );
}

function ofSigner(signer: LogSigner): OpenedKey {
  return { key: readVerifier(signer.vkey, "key.vkey"), sign: (bytes) => signer.sign(bytes) };
}

function ofFile(path: string, origin: string): OpenedKey {
  const file = openKeyFile("signedLog", path);
  return { key: verifierKey(nodeTools.sha256, origin, ED25519, file.publicKey), sign: file.sign };
}

/** Names the machine, and the log among the machine's. */
function newOrigin(): string {
  return `${hostname()}/curfew/${randomText(6)}`;
}
