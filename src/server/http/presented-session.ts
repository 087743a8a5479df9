/** Finds the session that a browser presents, and says in one shape what is the matter where there is none. */
import type { ServerContext } from "../context.js";
import { sha256 } from "../secrets.js";
import { type EndedSession, type SettledSession, settleSession } from "../settle-session.js";
import type { SessionCookies } from "./cookies.js";
import type { HttpAnswer, HttpHeader, HttpRequest } from "./exchange.js";
import { endedProblem } from "./problems.js";

/** `absent`: no cookie at all; `unknown`: a cookie that names nothing. */
export type PresentedSession =
  | SettledSession
  | { readonly status: "absent" }
  | { readonly status: "unknown" };

export interface Presenter {
  /** @throws Refusal `bad-request` for two session cookies */
  find(request: HttpRequest): Promise<PresentedSession>;
  /** The 401 of an ended session. The first one that a browser sees takes kept pages from it. */
  endedAnswer(request: HttpRequest, ended: EndedSession): HttpAnswer;
  /** What takes kept pages from a browser: a changed cookie (Chromium) and `Clear-Site-Data` (WebKit). */
  forgettingHeaders(sid: string): readonly HttpHeader[];
}

export function createPresenter(
  context: ServerContext,
  cookies: SessionCookies,
  clearCache: boolean,
): Presenter {
  const forgettingHeaders = (sid: string): readonly HttpHeader[] => [
    cookies.setEndMark(sid),
    ...(clearCache ? [["Clear-Site-Data", '"cache"'] as const] : []),
  ];
  return {
    async find(request) {
      const secret = cookies.read(request);
      if (secret === null) return { status: "absent" };
      const found = await context.store.findBySecret(sha256(secret));
      if (found === null || found.record.app !== context.app) return { status: "unknown" };
      return (await settleSession(context, found)) ?? { status: "unknown" };
    },
    endedAnswer(request, { end, record }) {
      const first = cookies.readEndMark(request) !== record.sid;
      return endedProblem(end, record.sid, context.signInUrl, first ? forgettingHeaders(record.sid) : []);
    },
    forgettingHeaders,
  };
}
