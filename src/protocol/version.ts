/** The protocol's version. A server accepts its own and the one before it; version 1 has none before it. */
import { ParseError } from "./parse-error.js";

export const PROTOCOL_VERSION = 1;
export const ACCEPTED_VERSIONS: readonly number[] = [PROTOCOL_VERSION];

/** @throws ParseError `unsupported-version` for another version, `shape` for what is none. */
export function checkVersion(v: unknown): void {
  if (!Number.isSafeInteger(v) || (v as number) < 0)
    throw new ParseError("shape", '"v" must be a version number');
  if (!ACCEPTED_VERSIONS.includes(v as number))
    throw new ParseError(
      "unsupported-version",
      `this protocol version is not spoken here; accepted: ${ACCEPTED_VERSIONS.join(", ")}`,
    );
}
