/** Where the verifier's own messages go; pino, winston and `console` fit as they are. */

export interface Logger {
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}
