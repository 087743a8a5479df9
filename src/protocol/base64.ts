/** Bytes as Base64 (RFC 4648 section 4): the one loop that both spellings share. */

/** The standard alphabet with padding. */
export function encodeBase64(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** @param text of the standard alphabet; whether it is canonical is for the caller to look at */
export function bytesOfBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
