/** Ties the two together: Curfew knows a session by the app's own id, and its end destroys the app's own session. */
import { ServerResponse } from "node:http";
import { createSessionVerifier, type SessionVerifier, type SessionVerifierOptions } from "curfew/server";
import type { Request, Response } from "express";
import type { Store } from "express-session";
import { destroyIn, OWN_COOKIE } from "./own-session.js";

type Given = Pick<SessionVerifierOptions, "policy" | "store" | "adoptUntil">;

export function createSessions(ownStore: Store, given: Given): SessionVerifier {
  return createSessionVerifier({
    ...given,
    signInUrl: "/",
    identify({ sessionID: id, session: { user: subject, authenticatedAt } }: Request) {
      if (subject === undefined || authenticatedAt === undefined) return null;
      return { id, subject, authenticatedAt };
    },
    // Called at least once for each end, without a response where no browser is there; called again where it throws.
    async onEnd({ id }, response) {
      if (id !== null) await destroyIn(ownStore, id);
      if (response instanceof ServerResponse) forgetCookie(response as Response);
    },
  });
}

/** Without its session `express-session` does not set the cookie once more at the end of the request. */
function forgetCookie(response: Response): void {
  response.req.session.destroy(() => {});
  response.clearCookie(OWN_COOKIE);
}
