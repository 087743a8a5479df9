/** What pages let pass and keep: the guard before them, `no-store` on them, their content security policy, and the sign-in page. */
import { type Answer, isProblem, withoutQuery } from "../http/answer.js";
import { allowsConnection, allowsScript } from "../http/content-security-policy.js";
import { type Include, includeIn, policiesOf } from "../http/html.js";
import { NAVIGATION, type Site } from "../site.js";
import { type Visit, visit } from "../visit.js";
import { cacheControlOf, saysNoStore } from "./protocol.js";

const HOW_SESSION = "--cookie NAME=VALUE of somebody who is signed in, or --login SCRIPT";

/** The sign-in page, as a stranger meets it. */
export async function checkSignIn(site: Site, url: URL): Promise<void> {
  if (url.origin !== site.url.origin)
    return site.notSeen(
      `the sign-in page: it is at ${url.origin}, and nothing else than ${site.url.origin} is asked`,
      `curfew doctor ${url.origin}`,
    );
  tellGuardedSignIn(site, await visit(site, url));
}

/** The guard answers its own sign-in page with a problem, older ones and other guards send round and round. */
export function tellGuardedSignIn(site: Site, { page, isLoop }: Visit): boolean {
  const isRefused = isProblem(page, "no-session");
  if (isLoop)
    site.foundIn("sign-in-guarded", page, { got: "a redirect that leads to itself again and again" });
  else if (isRefused) site.foundIn("sign-in-guarded", page);
  return isLoop || isRefused;
}

/** A page that only somebody who is signed in may see. */
export async function checkGuardedPage(site: Site, path: string, base: string | null): Promise<void> {
  const stranger = await site.ask(path, { headers: NAVIGATION });
  if (stranger.status === 200) return site.foundIn("page-open", stranger, { got: "200 without a session" });
  if (site.cookie === null) return site.notSeen(`Cache-Control of ${path}`, HOW_SESSION);
  const { page, elsewhere } = await visit(site, path, site.cookie);
  if (elsewhere !== null) return tellElsewhere(site, path, elsewhere);
  if (page.status !== 200 || page.url.pathname !== new URL(path, site.url).pathname)
    return site.notSeen(
      `${path}: ${page.status} at ${withoutQuery(page.url)} although a cookie was shown`,
      HOW_SESSION,
    );
  if (!saysNoStore(page)) site.foundIn("page-cacheable", page, { got: cacheControlOf(page) });
  if (base !== null) checkPolicy(site, { page, base, include: includeIn(page) });
}

function tellElsewhere(site: Site, path: string, elsewhere: URL): void {
  site.notSeen(
    `${path}: it leads to ${withoutQuery(elsewhere)}`,
    "that origin is not asked; give a page of this one",
  );
}

interface PolicyOptions {
  readonly page: Answer;
  readonly base: string;
  readonly include: Include | null;
}

/** What the page's content security policies say of the script and of its calls. */
export function checkPolicy(site: Site, { page, base, include }: PolicyOptions): void {
  const calls = { page: page.url, target: new URL(`${base}/session`, page.url) };
  const script = include !== null && URL.canParse(include.src, page.url) ? include : null;
  for (const policy of policiesOf(page)) {
    const blocked = [
      ...(script === null || allowsScript(policy, scriptIn(page, script))
        ? []
        : [`script-src: ${script.src}`]),
      ...(allowsConnection(policy, calls) ? [] : [`connect-src: ${calls.target.pathname}`]),
    ];
    if (blocked.length > 0)
      site.foundIn("csp-blocks", page, { got: `a policy that forbids by ${blocked.join(", by ")}` });
  }
}

const scriptIn = (page: Answer, { src, nonce }: Include) => ({
  page: page.url,
  target: new URL(src, page.url),
  nonce,
});
