/** Finds the session that a browser presents: by Curfew's cookie, or by the app's own id of it. */
import type { ServerContext } from "../lifecycle/context.js";
import { settleFound } from "../lifecycle/settle.js";
import { sha256 } from "../platform/secrets.js";
import type { PresentedSession } from "../record/outcome.js";
import { endedForGood } from "../subject/beginning.js";
import type { OwnSessions, PreviousIds } from "../subject/own-id.js";
import { isFromBrowser } from "./browser-marks.js";
import { clientNetworks } from "./client-networks.js";
import type { SessionCookies } from "./cookies.js";
import type { HttpRequest } from "./exchange.js";
import { contextOfRequest } from "./request-context.js";

export interface PresentedSessions {
  /**
   * @param asked the context of this very request; absent: it is made
   * @throws Refusal `bad-request` for two session cookies
   */
  find(request: HttpRequest, asked?: ServerContext): Promise<PresentedSession>;
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
}

/** @param own the sessions of an app that keeps its own; null where Curfew's cookie is used */
export function createPresentedSessions(
  context: ServerContext,
  { cookies, own }: { readonly cookies: SessionCookies; readonly own: OwnSessions | null },
): PresentedSessions {
  const byCookie = async (
    asked: ServerContext,
    request: HttpRequest,
    networks: readonly string[],
  ): Promise<PresentedSession> => {
    const secret = cookies.read(request);
    if (secret === null) return { status: "absent" };
    const found = await asked.store.findBySecret(sha256(secret));
    return (await settleFound(asked, found, networks)) ?? { status: "unknown" };
  };
  const find = async (
    request: HttpRequest,
    asked: ServerContext = contextOfRequest(context, request),
  ): Promise<PresentedSession> => {
    const networks = clientNetworks(context, request);
    const presented =
      own === null
        ? await byCookie(asked, request, networks)
        : await own.find(asked, request.source, networks);
    if (presented.status === "active" && isFromBrowser(request))
      context.unbound.usedByBrowser(presented.record.sid);
    return presented;
  };
  return {
    find,
    findPrevious: (request, ids) =>
      own === null ? find(request) : own.findPrevious(context, request.source, ids),
    async needsAuthentication(request) {
      return own === null
        ? endedForGood(context, await find(request))
        : own.isHeldBack(context, request.source);
    },
    async sidOf(request) {
      const secret = own === null ? cookies.read(request) : await own.secretOf(request.source);
      const found = secret === null ? null : await context.store.findBySecret(sha256(secret));
      return found?.record.app === context.app ? found.record.sid : null;
    },
  };
}
