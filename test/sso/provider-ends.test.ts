/** A real provider hears of an end: by the link of the dialog, and by the outbox. */
import { parseCookie } from "cookie";
import express from "express";
import * as oidc from "openid-client";
import { expect, onTestFinished, test, vi } from "vitest";
import { createSessionVerifier } from "../../src/server/adapters/node.js";
import { type OidcOptions, oidc as oidcProvider, revocation } from "../../src/server/idp/oidc.js";
import { memoryStore } from "../../src/server/stores/memory.js";
import { SILENT } from "../server/support/test-verifier.js";
import { CLIENT, listen, startIdentityProvider } from "./identity-provider.js";
import { Person } from "./person.js";

async function open(options: Partial<OidcOptions>) {
  // What the provider says of its keys and of its memory, which last as long as a test.
  vi.spyOn(console, "warn").mockReturnValue();
  const app = express();
  const { url, close } = await listen(app);
  const provider = await startIdentityProvider(url);
  const { issuer } = provider;
  const sessions = createSessionVerifier({
    policy: { idle: "15m", absolute: "12h", warning: "2m" },
    store: memoryStore(),
    signInUrl: "/login",
    logger: SILENT,
    idp: oidcProvider({
      issuer,
      clientId: CLIENT.id,
      privateAddresses: ["loopback"],
      ...(options.end === "browser" ? { postLogoutRedirectUri: `${url}/` } : {}),
      ...options,
    }),
  });
  onTestFinished(async () => {
    await sessions.close();
    await provider.close();
    await close();
    vi.restoreAllMocks();
  });
  await sessions.ready();
  const config = await oidc.discovery(new URL(issuer), CLIENT.id, CLIENT.secret, undefined, {
    execute: [oidc.allowInsecureRequests],
  });
  const refreshTokens: string[] = [];
  app.use(sessions.routes());
  app.get("/login", async (_request, response) => {
    const verifier = oidc.randomPKCECodeVerifier();
    const asked = { redirect_uri: `${url}/callback`, scope: "openid", max_age: "3600" };
    const challenge = await oidc.calculatePKCECodeChallenge(verifier);
    response.cookie("verifier", verifier);
    const pkce = { code_challenge: challenge, code_challenge_method: "S256" };
    response.redirect(oidc.buildAuthorizationUrl(config, { ...asked, ...pkce }).href);
  });
  app.get("/callback", async (request, response) => {
    const pkceCodeVerifier = parseCookie(request.headers.cookie ?? "").verifier ?? "";
    const at = new URL(request.originalUrl, url);
    const answer = await oidc.authorizationCodeGrant(config, at, { pkceCodeVerifier });
    const { id_token: idToken = "", refresh_token: refreshToken = "" } = answer;
    const { sub = "", auth_time: authTime = 0 } = answer.claims() ?? {};
    refreshTokens.push(refreshToken);
    const idpTokens = { idToken, refreshToken };
    await sessions.start(request, response, { subject: sub, authenticatedAt: authTime * 1_000, idpTokens });
    response.redirect("/");
  });
  app.get("/", sessions.page(), ({ curfew }, response) => void response.send(`Hello, ${curfew?.subject}`));
  const person = new Person();
  expect(await person.visit(`${url}/`)).toMatchObject({ status: 200, text: "Hello, ann" });
  const [{ sid = "" } = {}] = await sessions.list("ann");
  return { url, issuer, sessions, config, person, sid, refreshTokens };
}

test("the link of the dialog ends the provider's session too, and leads back to the app", async () => {
  const { url, issuer, sessions, person, sid } = await open({ end: "browser" });
  await sessions.end(sid);
  const { text } = await person.visit(`${url}/curfew/idp/end`);
  const xsrf = /name="xsrf" value="(\w+)"/.exec(text)?.[1] ?? "";
  expect(xsrf).not.toBe("");
  const form = new URLSearchParams({ xsrf, logout: "yes" });
  const after = await person.visit(`${issuer}/session/end/confirm`, null, form);
  // Back at the app, whose page asks the provider, which asks the person.
  expect(after.text).toContain("Your name and password, please");
});

test("the outbox revokes the refresh token, which is good for nothing afterwards", async () => {
  const adapter = revocation({ clientSecret: CLIENT.secret });
  const { sessions, config, sid, refreshTokens } = await open({ end: "server", adapter });
  const [token = ""] = refreshTokens;
  await sessions.end(sid);
  const isRevoked = () =>
    oidc.refreshTokenGrant(config, token).then(
      () => false,
      () => true,
    );
  await expect.poll(isRevoked).toBe(true);
});
