/** What the calls of HTTP work with, for one request of a browser's: the audit trail says from where it came. */
import { actingFor } from "../lifecycle/acting.js";
import type { ServerContext } from "../lifecycle/context.js";
import type { HttpRequest } from "./exchange.js";

/** @param actor who acts; absent: nobody but the browser, which asks for what was there */
export function contextOfRequest(
  context: ServerContext,
  request: HttpRequest,
  actor?: string,
): ServerContext {
  const browser = { address: request.address, userAgent: request.header("user-agent") };
  return actingFor(context, { ...(actor === undefined ? {} : { actor }), browser });
}

export function httpOfRequest<Http extends { readonly context: ServerContext }>(
  http: Http,
  request: HttpRequest,
): Http {
  return { ...http, context: contextOfRequest(http.context, request) };
}
