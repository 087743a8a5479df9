/** Signed notes (C2SP signed-note): a text, a blank line, and signature lines. Verifier keys are texts too. */
import { encodeBase64 } from "../protocol/base64.js";
import { areEqual, concatenated, decodeBase64, encodeHex, utf8 } from "./bytes.js";
import type { Sha256, VerifyEd25519 } from "./tools.js";

/** The signature types of the specification that this package verifies; a log signs with one, a witness with the other. */
export const ED25519 = 0x01;
/** A timestamped cosignature of a checkpoint (C2SP tlog-cosignature). */
export const ED25519_COSIGNATURE = 0x04;

const ID_LENGTH = 4;
const ED25519_KEY_LENGTH = 32;
/** More signatures than the specification asks a verifier to take. */
const MOST_SIGNATURES = 64;
const LONGEST_NOTE = 1_000_000;
const SIGNATURE_LINE = /^— (\S+) (\S+)$/u;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the specification bars them
const BARRED = /[\u0000-\u0009\u000b-\u001f]/;
const VERIFIER_KEY = /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/u;
const NAME = /^[^\s+\p{Z}]+$/u;

interface NoteSignature {
  readonly name: string;
  readonly id: Uint8Array;
  readonly bytes: Uint8Array;
}

export interface Note {
  /** With its last newline, without the blank line. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

export interface VerifierKey {
  readonly name: string;
  readonly id: Uint8Array;
  readonly type: number;
  readonly publicKey: Uint8Array;
}

/** Null where the text is no note. */
export function parseNote(written: string): Note | null {
  if (written.length > LONGEST_NOTE || BARRED.test(written) || !written.endsWith("\n")) return null;
  const blank = written.lastIndexOf("\n\n");
  if (blank < 0) return null;
  const lines = written.slice(blank + 2, -1).split("\n");
  if (lines.length > MOST_SIGNATURES) return null;
  const signatures: NoteSignature[] = [];
  for (const line of lines) {
    const signature = parseSignatureLine(line);
    if (signature === null) return null;
    signatures.push(signature);
  }
  return { text: written.slice(0, blank + 1), signatures };
}

/** One line without its newline; null where it is none. */
function parseSignatureLine(line: string): NoteSignature | null {
  const [, name, encoded] = SIGNATURE_LINE.exec(line) ?? [];
  if (name === undefined || encoded === undefined || !NAME.test(name)) return null;
  const bytes = decodeBase64(encoded);
  if (bytes === null || bytes.length <= ID_LENGTH) return null;
  return { name, id: bytes.subarray(0, ID_LENGTH), bytes: bytes.subarray(ID_LENGTH) };
}

/** A signature line with its newline. */
export function signatureLine({ name, id, bytes }: NoteSignature): string {
  return `— ${name} ${encodeBase64(concatenated(id, bytes))}\n`;
}

export function formatNote({ text, signatures }: Note): string {
  return `${text}\n${signatures.map(signatureLine).join("")}`;
}

/** The key of these bytes under this name. @param publicKey 32 bytes of Ed25519 (RFC 8032) */
export function verifierKey(sha256: Sha256, name: string, type: number, publicKey: Uint8Array): VerifierKey {
  const id = sha256(utf8(`${name}\n`), Uint8Array.of(type), publicKey).subarray(0, ID_LENGTH);
  return { name, id, type, publicKey };
}

/** As people hand it to each other: `name+id+key`. */
export function formatVerifierKey({ name, id, type, publicKey }: VerifierKey): string {
  return `${name}+${encodeHex(id)}+${encodeBase64(concatenated(Uint8Array.of(type), publicKey))}`;
}

/** Null where the text is no key of a type that this package verifies, or its id is not its key's. */
export function parseVerifierKey(sha256: Sha256, text: string): VerifierKey | null {
  const [, name, id, encoded] = VERIFIER_KEY.exec(text.trim()) ?? [];
  if (name === undefined || id === undefined || encoded === undefined) return null;
  const bytes = decodeBase64(encoded);
  const type = bytes?.[0];
  if (bytes === null || type === undefined || !NAME.test(name)) return null;
  const key = verifierKey(sha256, name, type, bytes.subarray(1));
  const isKnown = type === ED25519 || type === ED25519_COSIGNATURE;
  return isKnown && key.publicKey.length === ED25519_KEY_LENGTH && encodeHex(key.id) === id ? key : null;
}

/** What a signature of a key's means: the message that it signs, and where the signature stands in the bytes. */
interface Signed {
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
  /** When a witness signed, in milliseconds since the epoch. */
  readonly signedAt?: number;
}

/** How the bytes of a signature of this type over a note's text are read; null where they cannot be. */
function signedBy(key: VerifierKey, text: string, bytes: Uint8Array): Signed | null {
  if (key.type === ED25519) return { message: utf8(text), signature: bytes };
  if (key.type !== ED25519_COSIGNATURE || bytes.length <= TIME_LENGTH) return null;
  const seconds = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0);
  if (seconds > BigInt(Number.MAX_SAFE_INTEGER)) return null;
  return {
    message: cosignedMessage(Number(seconds), text),
    signature: bytes.subarray(TIME_LENGTH),
    signedAt: Number(seconds) * 1_000,
  };
}

const TIME_LENGTH = 8;

/** What a witness signs of a checkpoint (C2SP tlog-cosignature, Ed25519 signed message). @param seconds since the epoch */
export function cosignedMessage(seconds: number, text: string): Uint8Array {
  return utf8(`cosignature/v1\ntime ${seconds}\n${text}`);
}

/** The bytes of a cosignature: the time, and the signature. */
export function timestamped(seconds: number, signature: Uint8Array): Uint8Array {
  const time = new Uint8Array(TIME_LENGTH);
  new DataView(time.buffer).setBigUint64(0, BigInt(seconds));
  return concatenated(time, signature);
}

export interface VerifiedSignature {
  readonly key: VerifierKey;
  readonly signedAt?: number;
}

/** `verified`: by these of the keys; `forged`: a line bears the name and the id of a known key and is not its signature. */
type NoteVerdict =
  | { readonly status: "verified"; readonly by: readonly VerifiedSignature[] }
  | { readonly status: "unknown" }
  | { readonly status: "forged"; readonly name: string };

/**
 * Which of the keys have signed a note (C2SP signed-note, "Signatures"): lines of unknown keys are passed over, and one
 * line of a known key that does not verify refuses the whole note.
 */
export async function verifyNote(
  verify: VerifyEd25519,
  note: Note,
  keys: readonly VerifierKey[],
): Promise<NoteVerdict> {
  const by: VerifiedSignature[] = [];
  for (const line of note.signatures) {
    const key = keys.find(({ name, id }) => name === line.name && areEqual(id, line.id));
    if (key === undefined) continue;
    const signed = signedBy(key, note.text, line.bytes);
    if (signed === null || !(await verify(key.publicKey, signed.signature, signed.message)))
      return { status: "forged", name: line.name };
    by.push({ key, ...(signed.signedAt === undefined ? {} : { signedAt: signed.signedAt }) });
  }
  return by.length === 0 ? { status: "unknown" } : { status: "verified", by };
}
