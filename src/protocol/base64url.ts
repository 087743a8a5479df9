/** base64url without padding (RFC 4648 section 5), accepting only the canonical form. */
import { encodeBase64 } from "./base64.js";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/** The six bits of each character of ASCII; 255 for what stands for none. */
const SEXTETS = sextetsOf(ALPHABET);

export function encodeBase64url(bytes: Uint8Array): string {
  return encodeBase64(bytes).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

/** The bytes, or null where the text is not the one canonical spelling of them. */
export function decodeBase64url(text: string): Uint8Array<ArrayBuffer> | null {
  if (text.length % 4 === 1) return null;
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let held = 0;
  let bits = 0;
  let size = 0;
  for (let at = 0; at < text.length; at++) {
    const sextet = SEXTETS[text.charCodeAt(at)] ?? 255;
    if (sextet === 255) return null;
    held = (held << 6) | sextet;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[size++] = held >> bits;
    held &= (1 << bits) - 1;
  }
  // The bits that make no whole byte are zero in the canonical spelling.
  return held === 0 ? bytes : null;
}

function sextetsOf(alphabet: string): Uint8Array {
  const sextets = new Uint8Array(128).fill(255);
  for (let sextet = 0; sextet < alphabet.length; sextet++) sextets[alphabet.charCodeAt(sextet)] = sextet;
  return sextets;
}
