/** The browser's request as a proxy or an app tells of it, in a request of their own. */
import type { IncomingMessage } from "node:http";
import type { HttpRequest } from "../../server/http/exchange.js";
import { Refusal } from "../../server/platform/errors.js";
import type { Verifier } from "../../server/verifier/verifier.js";

/** A request's target as browsers write it, from the path on. */
const TARGET = /^\/[\x21-\x7e]*$/;

/**
 * The request that a proxy asks about: its headers are the browser's, its path and method are told by others.
 * @throws Refusal `bad-request` where the path or the method is said more than once
 */
export function askedRequest(verifier: Verifier, message: IncomingMessage): HttpRequest {
  const target = toldOnce(message, "x-original-uri", "x-forwarded-uri") ?? "";
  const told = {
    method: toldOnce(message, "x-original-method", "x-forwarded-method") ?? "GET",
    // No path, or none that can be read: the strictest of the rules for routes holds, and there is no way back.
    url: TARGET.test(target) ? target : "",
    headers: message.headers,
  };
  return verifier.read(message, { told });
}

/** The browser's request at sign-in, of which the app passes on the cookies. The host that the app called is not the browser's. */
export function signInRequest(
  verifier: Verifier,
  message: IncomingMessage,
  cookie: string | undefined,
): HttpRequest {
  const { cookie: _own, host: _called, ...others } = message.headers;
  const headers = cookie === undefined ? others : { ...others, cookie };
  return verifier.read(message, { told: { method: "POST", url: "", headers } });
}

/** A proxy sets one of the two and may let the browser's own other one through: where two are said, nobody is believed. */
function toldOnce({ headersDistinct }: IncomingMessage, ...names: readonly string[]): string | undefined {
  const told = names.map((name) => headersDistinct[name] ?? []);
  const [first, ...others] = told.flat();
  if (told.some(({ length }) => length > 1) || others.some((other) => other !== first))
    throw new Refusal("bad-request", `The headers ${names.join(" and ")} say it more than once.`, {
      code: "told-twice",
    });
  return first;
}
