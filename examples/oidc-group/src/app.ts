/** One of two apps that share a sign-in and a clock. Start reading here. */
import { createSessionVerifier, type PolicyOptions, type SessionVerifierOptions } from "curfew/server";
import { oidc } from "curfew/server/oidc";
import express from "express";
import * as client from "openid-client";
import { addSignIn } from "./sign-in.js";

/** The app as the provider and the other app know it. */
export interface Member {
  /** Names its cookie, its records and itself in the other app's `trusts`. */
  readonly name: string;
  readonly trusts: readonly string[];
  /** The provider's address, as its ID tokens have it in `iss`. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Where the app is, for the way back from the provider. */
  readonly origin: string;
}

export async function createApp(
  { name, trusts, issuer, clientId, clientSecret, origin }: Member,
  { policy, ...given }: Pick<SessionVerifierOptions, "store" | "cookie"> & { readonly policy: PolicyOptions },
) {
  const isHere = new URL(issuer).hostname === "127.0.0.1"; // for trying out; a real provider has https
  const sessions = createSessionVerifier({
    ...given,
    name,
    policy: {
      ...policy,
      activity: "group",
      justification: "One desk, one person: they work in one of our apps at a time.",
    },
    group: { name: "desk", trusts },
    signInUrl: "/login",
    idp: oidc({ issuer, clientId, ...(isHere ? { privateAddresses: ["loopback"] } : {}) }),
  });
  const provider = await client.discovery(new URL(issuer), clientId, clientSecret, undefined, {
    execute: isHere ? [client.allowInsecureRequests] : [],
  });
  const app = express();
  app.use(sessions.routes());
  addSignIn(app, sessions, provider, origin);
  app.post("/logout", async (request, response) => {
    const check = await sessions.check(request);
    if (check.status === "active") await sessions.end(check.session.sid, "signed-out", { scope: "group" });
    await sessions.signOut(request, response); // takes the cookie and the pages that the browser has kept
    // The provider's session ends too: else the next click would sign in again and ask nobody.
    const url = client.buildEndSessionUrl(provider, { post_logout_redirect_uri: `${origin}/` });
    response.redirect(303, url.href);
  });
  app.get("/", sessions.page(), ({ curfew }, response) => {
    response.send(`<!doctype html><html lang="en"><title>${name}</title>
<script src="/curfew/curfew.js" defer></script><h1>Hello, ${escaped(curfew?.subject ?? "")}</h1>
<p>This is ${name}.</p><form method="post" action="/logout"><button>Sign out everywhere</button></form>`);
  });
  return { app, sessions };
}

const escaped = (text: string) => text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
