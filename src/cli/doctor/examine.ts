/** Examines a site over HTTP: every check there is, in the order in which a person's browser would meet what they look at. */

import { findBase, signInUrlOf } from "./checks/base.js";
import { checkGuardedPage, checkPolicy, checkSignIn, tellGuardedSignIn } from "./checks/pages.js";
import { checkAnswers, checkOrigin, checkPosts } from "./checks/protocol.js";
import { checkScript } from "./checks/script.js";
import { checkSession } from "./checks/session.js";
import { gotOf } from "./http/answer.js";
import { includeIn } from "./http/html.js";
import { DoctorError, type Site } from "./site.js";
import { areTwoSites, keepsSecureCookies } from "./sites-of-origins.js";
import { visit } from "./visit.js";

export interface Wanted {
  /** The verifier's base path; default: what the page's script include says, else `/curfew`. */
  readonly base: string | undefined;
  /** The verifier's `name`. */
  readonly name: string;
  /** Paths that only somebody who is signed in may see. */
  readonly pages: readonly string[];
  /** Origins of pages that the verifier is to list. */
  readonly origins: readonly string[];
  /** Origins of pages that frame this site. */
  readonly frames: readonly string[];
  /** Whether the cookie is of a sign-in in the doctor's browser, which tells what became of it. */
  readonly hasSignedIn: boolean;
}

/** @returns the base path at which Curfew answers, else null. @throws DoctorError */
export async function examine(site: Site, wanted: Wanted, now: () => number): Promise<string | null> {
  tellAddresses(site, wanted);
  const entry = await visit(site, site.url, site.cookie);
  if (entry.page.status === null) throw new DoctorError(`${site.url.origin} gives ${gotOf(entry.page)}.`);
  const isGuarded = tellGuardedSignIn(site, entry);
  if (entry.elsewhere !== null)
    site.notSeen(
      `the first page: it leads to ${entry.elsewhere.origin}, and nothing else than ${site.url.origin} is asked`,
      "give a page of this origin as the URL",
    );
  const include = includeIn(entry.page);
  const base = await findBase(site, { base: wanted.base, include, page: entry.page.url });
  if (base !== null) {
    await examineProtocol(site, base, wanted, now);
    if (entry.page.status === 200) checkPolicy(site, { page: entry.page, base, include });
    const signIn = isGuarded ? null : await signInUrlOf(site, base, wanted.name);
    if (signIn !== null) await checkSignIn(site, signIn);
  }
  for (const path of wanted.pages) await checkGuardedPage(site, path, base);
  if (wanted.pages.length === 0)
    site.notSeen("whether pages are guarded and kept by no cache", "--page PATH of a page behind the guard");
  return base;
}

async function examineProtocol(site: Site, base: string, wanted: Wanted, now: () => number): Promise<void> {
  await checkScript(site, base);
  await checkAnswers(site, base, now);
  await checkPosts(site, base);
  for (const origin of wanted.origins) if (origin !== site.url.origin) await checkOrigin(site, base, origin);
  await checkSession(site, base, wanted.hasSignedIn);
}

/** What the addresses alone tell. */
function tellAddresses(site: Site, { origins, frames }: Wanted): void {
  const { url } = site;
  if (!keepsSecureCookies(url))
    site.found("plain-http", {
      asked: `GET ${url.origin}`,
      got: "plain http, of a host that is not this machine",
    });
  for (const origin of frames)
    if (areTwoSites(url, new URL(origin)))
      site.found("framed-by-another-site", {
        asked: `${url.origin} in a frame of ${origin}`,
        got: "two sites",
      });
  for (const origin of origins)
    if (areTwoSites(url, new URL(origin)))
      site.found("origin-of-another-site", {
        asked: `${url.origin} from a page of ${origin}`,
        got: "two sites",
      });
}
