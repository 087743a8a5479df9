/** Origins as people write them: a scheme and a host, without a path or a slash at its end. */

/** Without `URL.canParse`, which browsers before 2023 lack. */
export function isOrigin(text: string): boolean {
  try {
    return new URL(text).origin === text;
  } catch {
    return false;
  }
}
