/** An app behind nginx and the sidecar, with sign-in by an OpenID provider. It speaks HTTP to both: any language can do it. */
import { parseCookie } from "cookie";
import express, { type Request, type Response } from "express";
import * as oidc from "openid-client";

const {
  PORT = "8000",
  ORIGIN = "http://127.0.0.1",
  ISSUER = "",
  CLIENT_ID = "notes",
  CLIENT_SECRET = "",
} = process.env;
const { CURFEW_PRIVATE = "http://127.0.0.1:4181", CURFEW_SERVICE_TOKEN = "" } = process.env;
const isHere = new URL(ISSUER).hostname === "127.0.0.1"; // for trying out; a real provider has https

const provider = await oidc.discovery(new URL(ISSUER), CLIENT_ID, CLIENT_SECRET, undefined, {
  execute: isHere ? [oidc.allowInsecureRequests] : [],
});

/** Calls the sidecar; the status and the JSON of its answer. */
async function sidecar(
  path: string,
  init: RequestInit = {},
): Promise<{ status: number; said: Record<string, unknown> }> {
  const answer = await fetch(CURFEW_PRIVATE + path, { ...init, signal: AbortSignal.timeout(5_000) });
  return { status: answer.status, said: (await answer.json()) as Record<string, unknown> };
}

async function askProvider(response: Response, { maxAge, prompt }: { maxAge?: unknown; prompt?: unknown }) {
  const pending = {
    state: oidc.randomState(),
    verifier: oidc.randomPKCECodeVerifier(),
    isAskedAnew: prompt === "login",
  };
  response.cookie("pending", JSON.stringify(pending), {
    httpOnly: true,
    secure: true,
    sameSite: "lax",
    maxAge: 600_000,
  });
  const url = oidc.buildAuthorizationUrl(provider, {
    redirect_uri: `${ORIGIN}/login`,
    scope: "openid",
    state: pending.state,
    code_challenge: await oidc.calculatePKCECodeChallenge(pending.verifier),
    code_challenge_method: "S256",
    max_age: String(maxAge),
    ...(pending.isAskedAnew ? { prompt: "login" } : {}),
  });
  response.redirect(url.href);
}

/** The provider has sent the browser back: its answer becomes a session, whose cookie goes out as it is. */
async function signIn(request: Request, response: Response) {
  const { cookie = "" } = request.headers;
  const pending = JSON.parse(parseCookie(cookie).pending ?? "null");
  if (pending === null) return response.redirect("/login");
  const answer = await oidc.authorizationCodeGrant(provider, new URL(request.originalUrl, ORIGIN), {
    pkceCodeVerifier: pending.verifier,
    expectedState: pending.state,
  });
  const claims = answer.claims();
  if (claims?.auth_time === undefined)
    throw new Error("The provider tells no auth_time, though max_age was asked for.");
  const { iss, sub, sid, auth_time } = claims;
  const { status, said } = await sidecar("/sessions", {
    method: "POST",
    headers: { authorization: `Bearer ${CURFEW_SERVICE_TOKEN}`, "content-type": "application/json" },
    body: JSON.stringify({
      subject: sub,
      authenticatedAt: auth_time * 1_000,
      cookie,
      idp: typeof sid === "string" ? { iss, sid } : null,
    }),
  });
  const isStale = ["stale-authentication", "revoked", "authentication-too-old"].includes(String(said.code));
  if (isStale && !pending.isAskedAnew) return askProvider(response, { maxAge: 0, prompt: "login" });
  if (status !== 201) return response.status(status).send("You could not be signed in.");
  response.append("Set-Cookie", said.setCookie as string[]).redirect("/");
}

const app = express();
app.get("/login", async (request, response) => {
  if ("code" in request.query || "error" in request.query) return signIn(request, response);
  const { cookie = "" } = request.headers;
  return askProvider(response, (await sidecar("/authorization", { headers: { cookie } })).said);
});
app.get("/", (request, response) => {
  const subject = decodeURIComponent(String(request.headers["curfew-subject"] ?? ""));
  if (subject === "") return void response.status(403).send("The proxy has not said who it is.");
  response.send(`<!doctype html><html lang="en"><title>Notes</title>
<script src="/curfew/curfew.js" defer></script><h1>Hello, ${escaped(subject)}</h1>`);
});
app.listen(Number(PORT), "127.0.0.1", () => console.log(`App ready on http://127.0.0.1:${PORT}`));

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
