/** What the evidence needs of its surroundings: a hash, and the check of a signature. Both are passed in. */

/** SHA-256 over the parts, one after the other. */
export type Sha256 = (...parts: readonly Uint8Array[]) => Uint8Array;

/** Whether an Ed25519 signature (RFC 8032) over `message` is the key's. @param publicKey 32 bytes */
export type VerifyEd25519 = (
  publicKey: Uint8Array,
  signature: Uint8Array,
  message: Uint8Array,
) => Promise<boolean>;

export interface Tools {
  readonly sha256: Sha256;
  readonly verify: VerifyEd25519;
}
