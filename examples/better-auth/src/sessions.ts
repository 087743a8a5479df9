/** Ties the two together: Curfew knows a session by Better Auth's token, and its end revokes it there. */
import { type IncomingMessage, ServerResponse } from "node:http";
import { fromNodeHeaders } from "better-auth/node";
import { createSessionVerifier, type SessionVerifier, type SessionVerifierOptions } from "curfew/server";
import type { Auth } from "./auth.js";

type Given = Pick<SessionVerifierOptions, "policy" | "store" | "adoptUntil">;

export function createSessions(auth: Auth, given: Given): SessionVerifier {
  return createSessionVerifier({
    ...given,
    signInUrl: "/",
    async identify({ headers }: IncomingMessage) {
      const found = await auth.api.getSession({ headers: fromNodeHeaders(headers) });
      if (found === null) return null;
      // Right for passwords. A social provider may sign people in silently: then this must be its `auth_time`.
      const { token, userId, createdAt } = found.session;
      return { id: token, subject: userId, authenticatedAt: createdAt.getTime() };
    },
    // Called at least once for each end, without a response where no browser is there; called again where it throws.
    async onEnd({ id }, response) {
      const { internalAdapter, authCookies } = await auth.$context;
      if (id !== null) await internalAdapter.deleteSession(id);
      if (!(response instanceof ServerResponse)) return;
      for (const { name } of [authCookies.sessionToken, authCookies.sessionData])
        response.appendHeader("Set-Cookie", `${name}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0`);
    },
  });
}
