/** What the client's promises reject with: a stable `code` for programs, a sentence for people. */
export class CurfewError extends Error {
  override readonly name = "CurfewError";
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Why this browser cannot extend its session. */
export function keyLost(): string {
  return globalThis.isSecureContext === false
    ? "This browser has no key and cannot extend the session: serve the page over https, or from localhost."
    : "This browser has lost the session's key and cannot extend it. Sign in again to go on.";
}
