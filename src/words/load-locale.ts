/** Fetches the words of a page's language from its verifier, once. Nobody waits for them: until they are there, and where they do not come, English speaks. */
import { nearest } from "./intl.js";
import { type Locale, TAGS } from "./locale.js";

const loaded = new Map<string, Locale>();
const loading = new Map<string, Promise<boolean>>();

/**
 * The catalogue for a language tag, or null as long as it is not there; null for good where we have none, and for English.
 *
 * @param choice A BCP 47 tag, or the catalogue itself where the app has bundled it.
 * @param base The verifier's address.
 * @param onLoad Called where null was returned and the words have come.
 */
export function localeFor(choice: string | Locale, base = "/curfew", onLoad: () => void): Locale | null {
  if (typeof choice !== "string") return choice;
  const name = nearest(choice, TAGS);
  if (name === null || name === "en") return null;
  const url = `${base}/locales/${name}.json`;
  const locale = loaded.get(url) ?? null;
  if (locale === null) {
    const asked = loading.get(url) ?? load(url, name);
    loading.set(url, asked);
    void asked.then((isThere) => isThere && onLoad());
  }
  return locale;
}

async function load(url: string, name: string): Promise<boolean> {
  try {
    const response = await fetch(url);
    const locale: Locale = await response.json();
    if (!response.ok || locale.tag !== name) return false;
    loaded.set(url, locale);
    return true;
  } catch {
    return false;
  }
}
