/** Sign-ins that an app must not begin so: the errors say what to do in place. */
import type { HttpRequest } from "../http/exchange.js";
import { SessionError } from "../platform/errors.js";

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

export function refuseCrossSite(request: HttpRequest): void {
  if (request.method !== "POST" || request.header("sec-fetch-site") !== "cross-site") return;
  throw new SessionError(
    "cross-site",
    "start() was called in a post from another site, where the browser withholds the cookie of the session to end; answer with a redirect to a page of your own and start there, or pass orphanPrevious: true",
  );
}
