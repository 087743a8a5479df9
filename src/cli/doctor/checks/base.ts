/** Where the verifier answers: the base path that was said, or that a page's script include says. */
import { likelyCause } from "../../../protocol/likely-cause.js";
import { ParseError } from "../../../protocol/parse-error.js";
import { parseSessionStatus } from "../../../protocol/session-status.js";
import { randomText } from "../../../server/platform/secrets.js";
import { type Answer, gotOf, isProblem, jsonOf, problemOf } from "../http/answer.js";
import type { Include } from "../http/html.js";
import { SCRIPT, type Site } from "../site.js";

const DEFAULT_BASE = "/curfew";

interface BaseOptions {
  /** What was said on the command line. */
  readonly base: string | undefined;
  readonly include: Include | null;
  /** The page that holds the include. */
  readonly page: URL;
}

/** The base path at which Curfew answers, without a slash at its end; null where it does not, which has been told. */
export async function findBase(site: Site, { base, include, page }: BaseOptions): Promise<string | null> {
  const said = include === null ? null : saidBase(include, page);
  if (said !== null && said.origin !== site.url.origin) {
    site.notSeen(
      `the verifier at ${said.origin}, of which the page speaks`,
      `curfew doctor ${said.origin} --base ${said.pathname} --origin ${site.url.origin}`,
    );
    if (base === undefined) return null;
  }
  const pageBase = said?.origin === site.url.origin ? pathOf(said) : null;
  const wanted = base ?? pageBase ?? DEFAULT_BASE;
  const others = [DEFAULT_BASE, include === null ? null : folderOf(include, page)];
  const answer = await askSession(site, wanted);
  if (speaksCurfew(answer)) {
    await tellWrongBase(site, pageBase, wanted);
    return wanted;
  }
  for (const other of others)
    if (other !== null && other !== wanted && speaksCurfew(await askSession(site, other))) {
      site.foundIn(pageBase === wanted ? "wrong-base" : "base-not-found", answer, {
        got: `${gotOf(answer)}; Curfew answers at ${other}`,
      });
      return other;
    }
  await tellMissing(site, wanted, answer);
  return null;
}

async function tellWrongBase(site: Site, pageBase: string | null, base: string): Promise<void> {
  if (pageBase === null || pageBase === base) return;
  const answer = await askSession(site, pageBase);
  if (!speaksCurfew(answer))
    site.foundIn("wrong-base", answer, { got: `${gotOf(answer)}; Curfew answers at ${base}` });
}

async function tellMissing(site: Site, base: string, answer: Answer): Promise<void> {
  if (isProblem(answer, "unavailable")) return site.foundIn("store-away", answer);
  if (speaksCurfew(await askSession(site, base + base))) return site.foundIn("prefix-stripped", answer);
  if (isProblem(answer, "no-session")) return site.foundIn("guard-before-routes", answer);
  const cause = answer.failure?.type ?? answer.status ?? "network";
  site.foundIn("base-not-found", answer, { cause: sentence(likelyCause(cause)) });
}

export const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Asks for the session as a script of a stranger's page does. */
export function askSession(site: Site, base: string, cookie?: string): Promise<Answer> {
  const headers = { ...SCRIPT, ...(cookie === undefined ? {} : { cookie }) };
  return site.ask(`${base}/session?ask=${randomText(9)}`, { headers });
}

/** Whether this is an answer of the verifier to a stranger. */
function speaksCurfew(answer: Answer): boolean {
  if (answer.status !== 200) return false;
  try {
    parseSessionStatus(jsonOf(answer));
    return true;
  } catch (error) {
    if (error instanceof ParseError) return false;
    throw error;
  }
}

const pathOf = ({ pathname }: URL): string => pathname.replace(/\/+$/, "");

function folderOf({ src }: Include, page: URL): string | null {
  if (!URL.canParse(src, page)) return null;
  const url = new URL(".", new URL(src, page));
  return url.origin === page.origin ? pathOf(url) : null;
}

/** As the script itself reads it: `data-base`, else its own folder. */
function saidBase({ src, base }: Include, page: URL): URL | null {
  const text = base === null ? src : base;
  if (!URL.canParse(text, page)) return null;
  return base === null ? new URL(".", new URL(src, page)) : new URL(base, page);
}

/** Where people sign in, as the verifier says it to whoever shows a cookie that names nothing. */
export async function signInUrlOf(site: Site, base: string, name: string): Promise<URL | null> {
  const made = randomText(32);
  const answer = await askSession(site, base, `__Host-${name}=${made}; ${name}=${made}`);
  const url = problemOf(answer)?.signInUrl;
  return url === undefined ? null : new URL(url, site.url);
}
