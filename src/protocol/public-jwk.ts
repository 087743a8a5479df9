/** The public key of a browser as a JWK (RFC 7517), and the text of its thumbprint. */

/** A public P-256 key, members in the order that RFC 7638 hashes them. */
export interface PublicJwk {
  readonly crv: "P-256";
  readonly kty: "EC";
  readonly x: string;
  readonly y: string;
}

/** The text whose SHA-256 is the key's thumbprint (RFC 7638 section 3). */
export function thumbprintInput({ crv, kty, x, y }: PublicJwk): string {
  return JSON.stringify({ crv, kty, x, y });
}
