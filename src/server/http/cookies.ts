/** The two cookies: the session's secret, and a mark that changes at its end (it takes pages out of the back/forward cache). */
import { stringifySetCookie } from "cookie";
import { Refusal } from "../platform/errors.js";
import type { HttpHeader, HttpRequest } from "./exchange.js";

/** `host`: `__Host-` prefix and `Secure`. `plain`: neither, for tests over plain http. */
export type CookieMode = "host" | "plain";

const END_MARK_AGE = 60;

export interface SessionCookies {
  /** The secret that the browser presents, or null. @throws Refusal `bad-request` for more than one */
  read(request: HttpRequest): string | null;
  set(secret: string): HttpHeader;
  clear(): HttpHeader;
  /** The session whose end this browser has been told of already. */
  readEndMark(request: HttpRequest): string | null;
  setEndMark(sid: string): HttpHeader;
}

/** @param app scopes the names */
export function sessionCookies(app: string, mode: CookieMode): SessionCookies {
  const prefix = mode === "host" ? "__Host-" : "";
  const name = `${prefix}${app}`;
  // A dot: no app's name has one, so no other app's cookie is called so.
  const markName = `${name}.end`;
  const attributes = { httpOnly: true, secure: mode === "host", sameSite: "lax", path: "/" } as const;
  const header = (cookie: { name: string; value: string; maxAge?: number }): HttpHeader => [
    "Set-Cookie",
    stringifySetCookie({ ...attributes, ...cookie }),
  ];
  return {
    read(request) {
      const value = onlyCookie(request.header("cookie"), name);
      return value === "" ? null : value;
    },
    set: (secret) => header({ name, value: secret }),
    clear: () => header({ name, value: "", maxAge: 0 }),
    readEndMark: (request) => cookieValues(request.header("cookie"), markName)[0] ?? null,
    setEndMark: (sid) => header({ name: markName, value: sid, maxAge: END_MARK_AGE }),
  };
}

/** The value under exactly this name, empty where there is none. @throws Refusal `bad-request` for more than one */
export function onlyCookie(header: string | null, name: string): string {
  const [value = "", ...others] = cookieValues(header, name);
  if (others.length === 0) return value;
  throw new Refusal("bad-request", `The request carries the cookie ${name} more than once.`, {
    code: "duplicate-cookie",
  });
}

/** Every value under exactly this name: a parser that returns an object would hide the second one. */
function cookieValues(header: string | null, name: string): readonly string[] {
  if (header === null || !header.includes(name)) return [];
  const begin = `${name}=`;
  const pairs = header.split(";").map((pair) => pair.replace(/^[ \t]+/, ""));
  return pairs.flatMap((pair) => (pair.startsWith(begin) ? [pair.slice(begin.length)] : []));
}
