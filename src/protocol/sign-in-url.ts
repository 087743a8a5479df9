/** Where a person signs in: a path of the page's own origin, or an http(s) URL. Browser and server read it by the same rule. */

/**
 * A browser skips white space and control characters in an address, and reads a backslash as a slash: what holds one of
 * them says one thing to this reader and another to the browser (https://url.spec.whatwg.org/#concept-basic-url-parser).
 */
const PATH = /^\/(?!\/)[!-[\]-~]*$/;
const URL_WITH_HOST = /^https?:\/\/[^/?#][!-[\]-~]*$/i;

export function isSignInUrl(value: unknown): value is string {
  if (typeof value !== "string") return false;
  return PATH.test(value) || (URL_WITH_HOST.test(value) && isUrl(value));
}

function isUrl(value: string): boolean {
  try {
    return new URL(value).host !== "";
  } catch {
    return false;
  }
}
