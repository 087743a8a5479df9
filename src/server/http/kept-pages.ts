/** What a browser gets that presents an ended session: its problem, and what takes the pages that it has kept. */
import type { EndedSession } from "../record/outcome.js";
import type { SessionCookies } from "./cookies.js";
import type { HttpHeader, HttpRequest } from "./exchange.js";
import { type Refused, sessionEnded } from "./problems.js";

export interface KeptPages {
  /** The 401 of an ended session. The first one that a browser sees takes kept pages from it. */
  ended(request: HttpRequest, session: EndedSession): Refused;
  /** What takes kept pages from the browser: a changed cookie, and where that does nothing `Clear-Site-Data`. */
  forgettingHeaders(request: HttpRequest, sid: string): readonly HttpHeader[];
}

interface KeptPagesOptions {
  readonly cookies: SessionCookies;
  readonly clearCache: boolean;
  readonly signInUrl: string;
  /** Where a person ends the provider's session too; null: nowhere. */
  readonly endUrl: string | null;
}

export function createKeptPages({ cookies, clearCache, signInUrl, endUrl }: KeptPagesOptions): KeptPages {
  const forgettingHeaders = (request: HttpRequest, sid: string): readonly HttpHeader[] => [
    cookies.setEndMark(sid),
    ...(clearCache && needsClearedCache(request) ? [["Clear-Site-Data", '"cache"'] as const] : []),
  ];
  return {
    ended(request, session) {
      const { sid, idpToken } = session.record;
      const urls = { signInUrl, ...(endUrl === null || idpToken === undefined ? {} : { endUrl }) };
      const isFirst = cookies.readEndMark(request) !== sid;
      return sessionEnded(session, urls, isFirst ? forgettingHeaders(request, sid) : []);
    },
    forgettingHeaders,
  };
}

/** Engines that give up a kept page when a cookie changes (Chromium), or keep none that says `no-store` (Gecko). */
const FORGETS_BY_ITSELF = /(?:Chrome|Chromium|Firefox)\//;

/**
 * WebKit keeps pages although a cookie changes; a browser that does not say what it is may be one. Chromium would take
 * seconds to empty a full cache before the page heard of the sign-out, and its kept pages would stay.
 * https://developer.chrome.com/docs/web-platform/bfcache-ccns
 */
function needsClearedCache(request: HttpRequest): boolean {
  return !FORGETS_BY_ITSELF.test(request.header("user-agent") ?? "");
}
