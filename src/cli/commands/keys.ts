/** The keys of logs and witnesses, as the command line takes them. */
import { existsSync, readFileSync } from "node:fs";
import type { VerifierKey } from "../../evidence/note.js";
import { readVerifierKey } from "../../evidence/verify.js";
import { ConfigurationError, messageOf } from "../../server/platform/errors.js";

/** Each a key, or a file that holds one. @throws ConfigurationError */
export function keysOf(option: string, given: readonly string[]): readonly VerifierKey[] {
  return given.map((text) => {
    try {
      return readVerifierKey(existsSync(text) ? fileText(text) : text);
    } catch (error) {
      throw new ConfigurationError(`${option}: ${messageOf(error)}`);
    }
  });
}

/** @throws ConfigurationError where the file cannot be read */
export function fileText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new ConfigurationError(`${JSON.stringify(file)} cannot be read: ${messageOf(error)}`);
  }
}
