/** base64url without padding (RFC 4648 section 5), accepting only the canonical form. */

import { bytesOfBase64, encodeBase64 } from "./base64.js";

const FORM = /^[A-Za-z0-9_-]*$/;

export function encodeBase64url(bytes: Uint8Array): string {
  return encodeBase64(bytes).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

/** The bytes, or null where the text is not the one canonical spelling of them. */
export function decodeBase64url(text: string): Uint8Array<ArrayBuffer> | null {
  if (!FORM.test(text) || text.length % 4 === 1) return null;
  const bytes = bytesOfBase64(text.replace(/-/g, "+").replace(/_/g, "/"));
  return encodeBase64url(bytes) === text ? bytes : null;
}
