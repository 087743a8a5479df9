/** Thrown by every parser of the protocol: what was wrong and where, never a value. */
export class ParseError extends Error {
  override readonly name = "ParseError";
  /** Which rule was broken, for programs. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}
