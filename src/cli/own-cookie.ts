/** `identify: { cookie }`: the id of the app's own session, from its cookie. */
import type { IncomingHttpHeaders } from "node:http";
import type { Identity } from "../server/adopt-session.js";
import { Refusal } from "../server/errors.js";
import { cookieValues } from "../server/http/cookies.js";

/** Two cookies of one name are ambiguous: the app and the sidecar might each take another one. */
export function identifyByCookie(
  name: string,
): (request: { readonly headers: IncomingHttpHeaders }) => Identity | null {
  return ({ headers }) => {
    const values = cookieValues(headers.cookie ?? null, name);
    if (values.length > 1)
      throw new Refusal("bad-request", `The request carries the cookie ${name} more than once.`, {
        code: "duplicate-cookie",
      });
    const [id = ""] = values;
    return id === "" ? null : { id };
  };
}
