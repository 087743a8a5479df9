/**
 * `GET {base}/idp/end`: leads a person's browser to the provider, to end its session there too (OpenID Connect RP-Initiated
 * Logout 1.0). Nothing of the request says where to, and it ends no session of the app's.
 */
import { changeTombstone } from "../lifecycle/change-tombstone.js";
import { messageWithCause } from "../platform/errors.js";
import { unseal } from "../platform/secrets.js";
import type { HttpContext } from "./context.js";
import { type HttpAnswer, type HttpRequest, NO_STORE } from "./exchange.js";
import { type Reply, refused, wrongMethod } from "./problems.js";

/** The path below the base. */
export const END_PATH = "/idp/end";

/** @param addressFor where the provider hears of it. @throws StoreUnavailableError */
export async function answerProviderEnd(
  { context, presented }: HttpContext,
  request: HttpRequest,
  addressFor: (idToken: string) => Promise<URL>,
): Promise<Reply> {
  if (request.method !== "GET") return wrongMethod("GET");
  if (!isPersonsLink(request))
    return refused("cross-site", { detail: "Only a link in a page of this site leads here, in no frame." });
  const session = await presented.find(request);
  const signIn = seeOther(context.signInUrl);
  const { idpToken } = session.status === "ended" ? session.record : {};
  if (session.status !== "ended" || idpToken === undefined) return signIn;
  const idToken = unseal(context.secret, idpToken);
  if (idToken === null) return signIn;
  try {
    const address = await addressFor(idToken);
    // It has done its work: who comes again goes to sign in.
    await changeTombstone(context.store, session.record, ({ idpToken: _, ...record }) => record);
    return seeOther(address.href);
  } catch (error) {
    context.warnOnce(
      "provider end",
      () => `the provider cannot be told of an end: ${messageWithCause(error)}`,
    );
    return signIn;
  }
}

/** What browsers that say so mark otherwise is no press of a link in a page of this site (Fetch Metadata). */
function isPersonsLink(request: HttpRequest): boolean {
  const [site, dest, user] = ["site", "dest", "user"].map((name) => request.header(`sec-fetch-${name}`));
  return (
    (site === null || site === "same-origin") &&
    (dest === null || dest === "document") &&
    (site === null || user === "?1")
  );
}

function seeOther(address: string): HttpAnswer {
  return {
    status: 303,
    headers: [["Location", address], NO_STORE, ["Referrer-Policy", "no-referrer"]],
    body: null,
  };
}
