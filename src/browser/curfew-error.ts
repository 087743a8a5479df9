/** What the client's promises reject with: a stable `code` for programs, a sentence for people. */
export class CurfewError extends Error {
  override readonly name = "CurfewError";
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
