/**
 * The compact JWS (RFC 7515 section 7.1) in the one strict form that Curfew speaks: canonical base64url, UTF-8 JSON
 * without duplicate members, ES256 signatures of 64 bytes (RFC 7518 section 3.4).
 */
import { decodeBase64url, encodeBase64url } from "./base64url.js";
import { ParseError } from "./parse-error.js";

/** A JWS taken apart; nothing about it has been verified. */
export interface UnverifiedJws {
  readonly header: unknown;
  readonly payload: unknown;
  /** What the signature is over: `header.payload` as sent. */
  readonly signingInput: string;
  readonly signature: Uint8Array<ArrayBuffer>;
}

const SIGNATURE_BYTES = 64;
const UTF_8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const WHITE_SPACE_OUTSIDE_STRINGS = /("(?:[^"\\]|\\.)*")|[ \t\n\r]+/g;

/** `base64url(header).base64url(payload)`, the text to sign. */
export function encodeSigningInput(header: unknown, payload: unknown): string {
  const encode = (value: unknown) => encodeBase64url(new TextEncoder().encode(JSON.stringify(value)));
  return `${encode(header)}.${encode(payload)}`;
}

/**
 * Takes a compact JWS apart.
 * @throws ParseError `shape` (not three parts), `base64url`, `json`, `signature`.
 */
export function decodeCompactJws(jws: unknown): UnverifiedJws {
  if (typeof jws !== "string") throw new ParseError("shape", "the JWS must be a string");
  const parts = jws.split(".");
  const [header, payload, signature] = parts;
  if (parts.length !== 3 || header === undefined || payload === undefined || signature === undefined)
    throw new ParseError("shape", "the JWS must have three parts");
  return {
    header: parseCanonicalJson(bytesOf(header)),
    payload: parseCanonicalJson(bytesOf(payload)),
    signingInput: `${header}.${payload}`,
    signature: signatureOf(bytesOf(signature)),
  };
}

function bytesOf(part: string): Uint8Array<ArrayBuffer> {
  const bytes = decodeBase64url(part);
  if (bytes === null) throw new ParseError("base64url", "a part of the JWS is not canonical base64url");
  return bytes;
}

function signatureOf(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  if (bytes.length !== SIGNATURE_BYTES)
    throw new ParseError("signature", `the signature must be ${SIGNATURE_BYTES} bytes (ES256)`);
  return bytes;
}

/**
 * JSON.parse keeps the last of duplicate members in silence; writing the value again and comparing shows them, and
 * shows every second spelling of a number or a string as well.
 * @throws ParseError `json`
 */
export function parseCanonicalJson(bytes: Uint8Array): unknown {
  try {
    const text = UTF_8.decode(bytes);
    const value: unknown = JSON.parse(text);
    const written = JSON.stringify(value);
    if (written === text || written === text.replace(WHITE_SPACE_OUTSIDE_STRINGS, "$1")) return value;
  } catch {
    // Both kinds of failure get the one answer below.
  }
  throw new ParseError(
    "json",
    "this is not JSON in its plain form (UTF-8, no duplicate members, no second spellings)",
  );
}
