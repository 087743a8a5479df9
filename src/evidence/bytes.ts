/** Bytes as texts, and compared. */
import { bytesOfBase64, encodeBase64 } from "../protocol/base64.js";

const FORM = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** The bytes, or null where the text is not the one canonical spelling of them. */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> | null {
  if (!FORM.test(text)) return null;
  const bytes = bytesOfBase64(text);
  return encodeBase64(bytes) === text ? bytes : null;
}

export function encodeHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function areEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

export function concatenated(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

const ENCODER = new TextEncoder();

export function utf8(text: string): Uint8Array {
  return ENCODER.encode(text);
}

const DECIMAL = /^(?:0|[1-9]\d{0,15})$/;

/** A count as the C2SP texts write it: ASCII decimal without leading zeroes. Null for anything else. */
export function readCount(text: string): number | null {
  const count = DECIMAL.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(count) ? count : null;
}
