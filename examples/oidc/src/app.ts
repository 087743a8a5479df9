/** Notes with sign-in by an OpenID provider, whose logouts end the session here. Start reading here. */
import { createSessionVerifier, type SessionVerifierOptions } from "curfew/server";
import { oidc } from "curfew/server/oidc";
import express from "express";
import * as client from "openid-client";
import { addSignIn } from "./sign-in.js";

/** The app as the provider knows it. */
export interface Client {
  /** The provider's address, as its ID tokens have it in `iss`. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Where the app is, for the way back from the provider. */
  readonly origin: string;
}

export async function createApp(
  { issuer, clientId, clientSecret, origin }: Client,
  given: Pick<SessionVerifierOptions, "policy" | "store">,
) {
  const isHere = new URL(issuer).hostname === "127.0.0.1"; // for trying out; a real provider has https
  const sessions = createSessionVerifier({
    ...given,
    signInUrl: "/login",
    idp: oidc({ issuer, clientId, ...(isHere ? { privateAddresses: ["loopback"] } : {}) }),
  });
  const provider = await client.discovery(new URL(issuer), clientId, clientSecret, undefined, {
    execute: isHere ? [client.allowInsecureRequests] : [],
  });
  const app = express();
  app.use(sessions.routes()); // /curfew/idp/logout too, where the provider tells of logouts
  addSignIn(app, sessions, provider, origin);
  app.post("/logout", async (request, response) => {
    await sessions.signOut(request, response);
    // The provider's session ends too: else the next click on "Sign in" would ask nobody.
    const url = client.buildEndSessionUrl(provider, { post_logout_redirect_uri: `${origin}/` });
    response.redirect(303, url.href);
  });
  app.get("/", sessions.page(), ({ curfew }, response) => {
    response.send(`<!doctype html><html lang="en"><title>Notes</title>
<script src="/curfew/curfew.js" defer></script><h1>Hello, ${escaped(curfew?.subject ?? "")}</h1>
<form method="post" action="/logout"><button>Sign out</button></form>`);
  });
  return { app, sessions };
}

const escaped = (text: string) => text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
