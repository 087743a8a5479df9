/** What the client's promises reject with: a stable `code` for programs, a sentence for people. */
export class CurfewError extends Error {
  override readonly name = "CurfewError";
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Why a session has no key here: another one is bound, or it was too late to bind one. */
export type KeyLoss = "key-mismatch" | "bind-closed";

/** Why this browser cannot extend its session. */
export function keyLost(loss: KeyLoss = "key-mismatch"): string {
  if (loss === "bind-closed")
    return "The page came to bind its key too long after the sign-in: is the script on the page to which people come first? Sign in again to go on.";
  return globalThis.isSecureContext === false
    ? "This browser has no key and cannot extend the session: serve the page over https, or from localhost."
    : "This browser has lost the session's key and cannot extend it. Sign in again to go on.";
}
