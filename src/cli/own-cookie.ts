/** `identify: { cookie }`: the id of the app's own session, from its cookie. */
import type { IncomingHttpHeaders } from "node:http";
import { onlyCookie } from "../server/http/cookies.js";
import type { Identity } from "../server/subject/adoption.js";

/** Two cookies of one name are ambiguous: the app and the sidecar might each take another one. */
export function identifyByCookie(
  name: string,
): (request: { readonly headers: IncomingHttpHeaders }) => Identity | null {
  return ({ headers }) => {
    const id = onlyCookie(headers.cookie ?? null, name);
    return id === "" ? null : { id };
  };
}
