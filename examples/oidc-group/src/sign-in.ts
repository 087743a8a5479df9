/** The sign-in by the provider: what it is asked for, and what is made of its answer. docs/sso.md says why. */
import { parseCookie } from "cookie";
import type { Authorization, SessionVerifier } from "curfew/server";
import type { Express, Response } from "express";
import * as oidc from "openid-client";

/** What the browser carries to the provider and back. */
interface Pending {
  readonly state: string;
  readonly verifier: string;
  readonly isAskedAnew: boolean;
}

export function addSignIn(
  app: Express,
  sessions: SessionVerifier,
  provider: oidc.Configuration,
  origin: string,
) {
  async function askProvider(response: Response, { maxAge, prompt }: Authorization) {
    const isAskedAnew = prompt === "login";
    const pending: Pending = {
      state: oidc.randomState(),
      verifier: oidc.randomPKCECodeVerifier(),
      isAskedAnew,
    };
    const carried = { httpOnly: true, secure: true, sameSite: "lax", maxAge: 600_000 } as const;
    response.cookie("pending", JSON.stringify(pending), carried);
    const url = oidc.buildAuthorizationUrl(provider, {
      redirect_uri: `${origin}/callback`,
      scope: "openid",
      state: pending.state,
      code_challenge: await oidc.calculatePKCECodeChallenge(pending.verifier),
      code_challenge_method: "S256",
      max_age: String(maxAge),
      ...(isAskedAnew ? { prompt: "login" } : {}),
    });
    response.redirect(url.href);
  }

  app.get("/login", async (request, response) =>
    askProvider(response, await sessions.authorization(request)),
  );

  app.get("/callback", async (request, response) => {
    const pending: Pending | null = JSON.parse(parseCookie(request.headers.cookie ?? "").pending ?? "null");
    if (pending === null) return response.redirect("/login");
    const answer = await oidc.authorizationCodeGrant(provider, new URL(request.originalUrl, origin), {
      pkceCodeVerifier: pending.verifier,
      expectedState: pending.state,
    });
    const claims = answer.claims();
    if (claims?.auth_time === undefined)
      throw new Error("The provider tells no auth_time, though max_age was asked for.");
    const { iss, sub, sid, sign_in } = claims;
    try {
      await sessions.start(request, response, {
        subject: sub,
        authenticatedAt: claims.auth_time * 1_000,
        ...(typeof sid === "string" ? { idp: { iss, sid } } : {}),
        // A claim of yours, the same in all apps. With a provider whose sid is that (Keycloak) leave it out.
        ...(typeof sign_in === "string" ? { group: sign_in } : {}),
      });
    } catch (error) {
      if (!isStale(error) || pending.isAskedAnew) throw error;
      return askProvider(response, { maxAge: 0, prompt: "login" });
    }
    response.redirect("/");
  });
}

/** From before an end by time or a revocation, or so old that no session could be left of it. */
function isStale(error: unknown): boolean {
  const code: unknown = Object(error).code;
  return code === "stale-authentication" || code === "revoked" || code === "authentication-too-old";
}
