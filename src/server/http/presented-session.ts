/** Finds the session that a browser presents, and says in one shape what is the matter where there is none. */

import type { ServerContext } from "../lifecycle/context.js";
import { settleFound } from "../lifecycle/settle.js";
import { sha256 } from "../platform/secrets.js";
import type { EndedSession, SettledSession } from "../record/outcome.js";
import { endedForGood, isHeldBack, sessionOfIdentity, sessionOfOwnId } from "../subject/adoption.js";
import { type Identity, ownSecret } from "../subject/own-id.js";
import { isFromBrowser } from "./browser-marks.js";
import { clientNetworks } from "./client-networks.js";
import type { SessionCookies } from "./cookies.js";
import type { HttpAnswer, HttpHeader, HttpRequest } from "./exchange.js";
import { endedProblem } from "./problems.js";

/** `absent`: no cookie at all; `unknown`: a cookie that names nothing. */
export type PresentedSession =
  | SettledSession
  | { readonly status: "absent" }
  | { readonly status: "unknown" };

/** The app's own ids, where it keeps its own sessions. */
export interface PreviousIds {
  readonly id?: string;
  readonly previousId?: string;
}

export interface Presenter {
  /** @throws Refusal `bad-request` for two session cookies */
  find(request: HttpRequest): Promise<PresentedSession>;
  /** The session that a sign-in takes the place of; nothing is adopted by asking. */
  findPrevious(request: HttpRequest, ownIds: PreviousIds): Promise<PresentedSession>;
  /**
   * Whether the next sign-in in this browser must rest on a new authentication: what it presents ended by time, or was
   * revoked together with the person's other sessions. Nothing is adopted by asking.
   */
  needsAuthentication(request: HttpRequest): Promise<boolean>;
  /**
   * Which session of this app the request names, whatever has become of it; nothing is adopted or written by asking.
   * @throws Refusal `bad-request` for two session cookies
   */
  sidOf(request: HttpRequest): Promise<string | null>;
  /** The 401 of an ended session. The first one that a browser sees takes kept pages from it. */
  endedAnswer(request: HttpRequest, ended: EndedSession): HttpAnswer;
  /** What takes kept pages from the browser: a changed cookie, and where that does nothing `Clear-Site-Data`. */
  forgettingHeaders(request: HttpRequest, sid: string): readonly HttpHeader[];
}

export interface PresenterOptions {
  readonly cookies: SessionCookies;
  readonly clearCache: boolean;
  /** Asks the app for its own session; null where Curfew's cookie is used. */
  readonly identify: ((source: unknown) => Promise<Identity | null>) | null;
  readonly adoptUntilAt: number | null;
}

export function createPresenter(context: ServerContext, options: PresenterOptions): Presenter {
  const { cookies, clearCache, identify, adoptUntilAt } = options;
  const forgettingHeaders = (request: HttpRequest, sid: string): readonly HttpHeader[] => [
    cookies.setEndMark(sid),
    ...(clearCache && needsClearedCache(request) ? [["Clear-Site-Data", '"cache"'] as const] : []),
  ];
  const secretIn = async (request: HttpRequest): Promise<string | null> => {
    if (identify === null) return cookies.read(request);
    const identity = await identify(request.source);
    return identity === null ? null : ownSecret(identity.id);
  };
  const look = async (request: HttpRequest): Promise<PresentedSession> => {
    const networks = clientNetworks(context, request);
    if (identify !== null) {
      const identity = await identify(request.source);
      if (identity === null) return { status: "absent" };
      const known = await sessionOfIdentity(context, identity, { networks, adoptUntilAt });
      return known ?? { status: "unknown" };
    }
    const secret = cookies.read(request);
    if (secret === null) return { status: "absent" };
    const found = await context.store.findBySecret(sha256(secret));
    return (await settleFound(context, found, networks)) ?? { status: "unknown" };
  };
  const find = async (request: HttpRequest): Promise<PresentedSession> => {
    const presented = await look(request);
    if (presented.status === "active" && isFromBrowser(request))
      context.unbound.usedByBrowser(presented.record.sid);
    return presented;
  };
  return {
    find,
    async findPrevious(request, { id, previousId }) {
      if (identify === null) return find(request);
      const before = previousId ?? (await identify(request.source))?.id;
      const known = before === undefined || before === id ? null : await sessionOfOwnId(context, before);
      return known ?? { status: "absent" };
    },
    async needsAuthentication(request) {
      if (identify === null) return endedForGood(context, await find(request));
      const identity = await identify(request.source);
      return identity !== null && isHeldBack(context, identity);
    },
    async sidOf(request) {
      const secret = await secretIn(request);
      const found = secret === null ? null : await context.store.findBySecret(sha256(secret));
      return found?.record.app === context.app ? found.record.sid : null;
    },
    endedAnswer(request, { end, record }) {
      const first = cookies.readEndMark(request) !== record.sid;
      return endedProblem(
        end,
        record.sid,
        context.signInUrl,
        first ? forgettingHeaders(request, record.sid) : [],
      );
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
