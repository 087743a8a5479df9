/** A log in memory, and the ways in which somebody could change it. */
import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { checkpointText } from "../../src/evidence/checkpoint.js";
import type { LogEntry } from "../../src/evidence/log-reading.js";
import type { LogVerdict } from "../../src/evidence/log-verdict.js";
import {
  cosignedMessage,
  ED25519,
  ED25519_COSIGNATURE,
  formatNote,
  timestamped,
  type VerifierKey,
  verifierKey,
} from "../../src/evidence/note.js";
import { growingTree, leafHash } from "../../src/evidence/tree.js";
import { type LogTrust, verifyLogWith } from "../../src/evidence/verify-log.js";
import { nodeTools as tools } from "../../src/server/platform/log-tools.js";

export interface SigningKey {
  readonly key: VerifierKey;
  readonly privateKey: KeyObject;
}

const RAW_LENGTH = 32;

export function signingKey(name: string, type = ED25519): SigningKey {
  const pair = generateKeyPairSync("ed25519", {
    publicKeyEncoding: { type: "spki", format: "der" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  const raw = pair.publicKey.subarray(-RAW_LENGTH);
  return { key: verifierKey(tools.sha256, name, type, raw), privateKey: createPrivateKey(pair.privateKey) };
}

export const ORIGIN = "log.example/app/node-1";
export const LOG_KEY = signingKey(ORIGIN);
export const WITNESS = signingKey("witness.example", ED25519_COSIGNATURE);
export const WITNESSED_AT = 1_800_000_000;

export interface MemoryLog {
  readonly lines: readonly Uint8Array[];
  readonly hashes: readonly Uint8Array[];
  readonly checkpoints: readonly string[];
  /** Whether the last line has its end. */
  readonly isTorn?: boolean;
}

export function linesOf(count: number, what = "heartbeat"): readonly Uint8Array[] {
  return Array.from({ length: count }, (_, seq) =>
    Buffer.from(
      JSON.stringify({ v: 1, seq, at: new Date(1_700_000_000_000 + seq).toISOString(), type: what }),
    ),
  );
}

interface Signing {
  readonly by?: SigningKey;
  /** The sizes whose checkpoints the witness signs too. */
  readonly witnessed?: readonly number[];
}

/** @param sizes where a checkpoint is signed */
export function signedLogOf(
  lines: readonly Uint8Array[],
  sizes: readonly number[],
  { by = LOG_KEY, witnessed = [] }: Signing = {},
): MemoryLog {
  const tree = growingTree(tools.sha256);
  const hashes = lines.map((line) => leafHash(tools.sha256, line));
  const checkpoints: string[] = [];
  const signAt = (size: number) => {
    const text = checkpointText({ origin: ORIGIN, size, root: tree.root() });
    const own = { ...by.key, bytes: sign(null, Buffer.from(text), by.privateKey) };
    const cosignature = sign(null, cosignedMessage(WITNESSED_AT, text), WITNESS.privateKey);
    const theirs = { ...WITNESS.key, bytes: timestamped(WITNESSED_AT, cosignature) };
    checkpoints.push(formatNote({ text, signatures: witnessed.includes(size) ? [own, theirs] : [own] }));
  };
  if (sizes.includes(0)) signAt(0);
  for (const hash of hashes) {
    tree.append(hash);
    if (sizes.includes(tree.size)) signAt(tree.size);
  }
  return { lines, hashes, checkpoints };
}

export const TRUST: LogTrust = { keys: [LOG_KEY.key], witnesses: [WITNESS.key], heads: [] };

export async function verdictOn(log: MemoryLog, trust: Partial<LogTrust> = {}): Promise<LogVerdict> {
  const entries = log.lines.map(
    (line, at): LogEntry =>
      log.isTorn === true && at === log.lines.length - 1 ? { line, isTorn: true } : { line },
  );
  return await verifyLogWith(
    tools,
    { entries: each(entries), hashes: each(log.hashes), checkpoints: each(log.checkpoints) },
    { ...TRUST, ...trust },
  );
}

async function* each<T>(values: readonly T[]): AsyncIterable<T> {
  yield* values;
}
