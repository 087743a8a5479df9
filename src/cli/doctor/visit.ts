/** Opens a page as a person's browser does: from redirect to redirect, with the cookies that are set on the way, within its origin. */
import { type Answer, locationOf, withoutQuery } from "./http/answer.js";
import { NAVIGATION, type Site } from "./site.js";

export interface Visit {
  /** The answer at the end of the way. */
  readonly page: Answer;
  /** Whether the way led back to where it had been, again and again. */
  readonly isLoop: boolean;
  /** Where it would have left the origin: that is not followed. */
  readonly elsewhere: URL | null;
}

/** Chromium gives up after 20. */
const MOST_HOPS = 20;
/** So often a page may send to itself, for example to set a cookie. */
const MOST_SAME = 3;

/** @param cookie none where the visitor is a stranger */
export async function visit(site: Site, path: string | URL, cookie: string | null = null): Promise<Visit> {
  const jar = new Map(pairsIn(cookie ?? ""));
  const seen = new Map<string, number>();
  let url = new URL(path, site.url);
  for (let hop = 0; ; hop++) {
    const page = await site.ask(url, { headers: { ...NAVIGATION, ...cookieOf(jar) } });
    for (const [name, value] of page.cookies.flatMap(pairsIn)) jar.set(name, value);
    const next = locationOf(page);
    if (next === null) return { page, isLoop: false, elsewhere: null };
    if (next.origin !== site.url.origin) return { page, isLoop: false, elsewhere: next };
    const times = (seen.get(withoutQuery(next)) ?? 0) + 1;
    seen.set(withoutQuery(next), times);
    if (times > MOST_SAME || hop === MOST_HOPS) return { page, isLoop: true, elsewhere: null };
    url = next;
  }
}

function pairsIn(cookie: string): readonly (readonly [string, string])[] {
  return cookie
    .split(";")
    .map((pair) => pair.trim())
    .filter((pair) => pair.includes("="))
    .map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]);
}

function cookieOf(jar: ReadonlyMap<string, string>): { readonly cookie?: string } {
  const pairs = [...jar].map(([name, value]) => `${name}=${value}`);
  return pairs.length === 0 ? {} : { cookie: pairs.join("; ") };
}
