/** Signs in by the adopter's own script, and sees what becomes of the session's cookie. */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Response } from "playwright-core";
import { messageOf } from "../../../server/platform/errors.js";
import { DoctorError, type Site } from "../site.js";
import type { Tab } from "./tab.js";

/** What `--login` names: a module whose default export signs in with the page that it is given. */
type SignIn = (page: unknown, url: string) => unknown;

/** @throws DoctorError where there is no such script, or where it fails */
export async function signInBy(file: string, { page }: Tab, site: Site): Promise<void> {
  const signIn = await load(file);
  try {
    await signIn(page, site.url.href);
  } catch (error) {
    // The lines below may repeat what was typed.
    const [reason = ""] = messageOf(error).split("\n");
    throw new DoctorError(`${file} could not sign in: ${reason}`);
  }
}

async function load(file: string): Promise<SignIn> {
  const module: unknown = await import(pathToFileURL(resolve(file)).href).catch((error: unknown) => {
    throw new DoctorError(`--login ${file} cannot be loaded: ${messageOf(error)}`);
  });
  const { default: signIn } = Object(module) as { readonly default?: unknown };
  if (typeof signIn !== "function")
    throw new DoctorError(`--login ${file} must have a default export: async (page, url) => { … }`);
  return signIn as SignIn;
}

/** The cookies that the browser would send to the site. */
export async function cookieOf({ context }: Tab, site: Site): Promise<string> {
  const cookies = await context.cookies(site.url.href);
  return cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
}

/** What the sign-in did to the cookie of the verifier's `name`: set and kept, set and refused, or not set at all. */
export async function tellCookie(tab: Tab, site: Site, name: string): Promise<void> {
  const names = [`__Host-${name}`, name];
  const kept = (await tab.context.cookies(site.url.href)).some((cookie) => names.includes(cookie.name));
  if (kept) return;
  for (const response of tab.responses) {
    const set = await setCookieIn(response, names);
    if (set !== null)
      return site.found("cookie-refused", {
        asked: `${response.request().method()} ${pathOf(response)} in a browser`,
        got: `${set}, which the browser did not keep`,
      });
  }
}

/** The cookie as it was set, without its value. */
async function setCookieIn(response: Response, names: readonly string[]): Promise<string | null> {
  const headers = await response.headersArray().catch(() => []);
  const cookies = headers.filter((header) => header.name.toLowerCase() === "set-cookie");
  for (const { value } of cookies) {
    const [pair = "", ...attributes] = value.split(";");
    const [name = ""] = pair.split("=");
    const isDeleted = /=\s*$/.test(pair);
    if (names.includes(name.trim()) && !isDeleted) return [`${name}=…`, ...attributes].join(";");
  }
  return null;
}

/** The sign-in is over, and the verifier knows no session. */
export function tellNoSession(tab: Tab, site: Site): void {
  const posts = tab.responses.filter((response) => response.request().method() === "POST");
  const refused = posts.find((response) => response.status() >= 400);
  const last = refused ?? posts.at(-1);
  site.found("sign-in-without-session", {
    asked: last === undefined ? "the sign-in, in a browser" : `POST ${pathOf(last)} in a browser`,
    got: last === undefined ? "no post, and no session" : `${last.status()}, and no session`,
  });
}

function pathOf(response: Response): string {
  const { origin, pathname } = new URL(response.url());
  return origin + pathname;
}
