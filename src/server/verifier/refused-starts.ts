/** Sign-ins that an app must not begin so: the errors say what to do in place. */
import type { HttpRequest } from "../http/exchange.js";
import { SessionError } from "../platform/errors.js";
import type { StartOptions } from "../subject/authentication.js";

export function refuseWrongId(hasOwnSessions: boolean, id: string | undefined): void {
  if (hasOwnSessions && id === undefined)
    throw new SessionError(
      "id-missing",
      "start() needs the app's own id of the session where `identify` is given: pass id",
    );
  if (!hasOwnSessions && id !== undefined)
    throw new SessionError(
      "id-unexpected",
      "start() was given an id of the app's own, and nothing finds a session by it: give the option `identify`, or leave id out",
    );
}

/**
 * An app that signs people in by a provider never means now by saying nothing: the provider may have answered for an old
 * sign-in.
 * @param hasProvider whether the option `idp` is given
 * @throws SessionError `bad-authenticated-at`
 */
export function refuseUntimed(
  call: "start" | "reauthenticate",
  hasProvider: boolean,
  { authenticatedAt }: Pick<StartOptions, "authenticatedAt">,
): void {
  if (!hasProvider || authenticatedAt !== undefined) return;
  throw new SessionError(
    "bad-authenticated-at",
    `${call}() was given no authenticatedAt, which the option \`idp\` makes necessary: pass the auth_time × 1000 of the provider's ID token (ask for max_age, and it is told), or Date.now() just after a password of your own`,
  );
}

export function refuseCrossSite(request: HttpRequest): void {
  if (request.method !== "POST" || request.header("sec-fetch-site") !== "cross-site") return;
  throw new SessionError(
    "cross-site",
    "start() was called in a post from another site, where the browser withholds the cookie of the session to end; answer with a redirect to a page of your own and start there, or pass orphanPrevious: true",
  );
}
