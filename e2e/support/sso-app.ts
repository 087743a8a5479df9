/** An Express app that signs people in by a real provider, as docs/sso.md shows it: both on 127.0.0.1, on two ports. */
import type { IncomingMessage } from "node:http";
import { type AuditRecord, createSessionVerifier, memoryStore, type SessionVerifier } from "curfew/server";
import { oidc as oidcProvider } from "curfew/server/oidc";
import express, { type NextFunction, type Request, type Response } from "express";
import * as oidc from "openid-client";
import { CLIENT, listen, startIdentityProvider } from "../../test/sso/identity-provider.js";
import { signInOfTheGuide } from "../../test/sso/recipe.js";

export interface SsoApp {
  readonly url: string;
  readonly sessions: SessionVerifier;
  /** Where the person signs out at the provider. */
  readonly signOutUrl: string;
  /** What the provider was asked for, an authorization request each. */
  readonly asked: readonly URLSearchParams[];
  /** By what the silent answers of the provider were refused. */
  refusals(): readonly (string | undefined)[];
  close(): Promise<void>;
}

/** `/` and `/other` are guarded pages with the script include. */
export async function openSsoApp(policy: {
  readonly idle: string;
  readonly warning: string;
}): Promise<SsoApp> {
  const audit: AuditRecord[] = [];
  const asked: URLSearchParams[] = [];
  const app = express();
  const { url, close } = await listen(app);
  const onAsked = ({ url: path = "" }: IncomingMessage) => {
    const { pathname, searchParams } = new URL(path, url);
    if (pathname === "/auth") asked.push(searchParams);
  };
  const provider = await startIdentityProvider(url, { onAsked });
  const config = await oidc.discovery(new URL(provider.issuer), CLIENT.id, CLIENT.secret, undefined, {
    execute: [oidc.allowInsecureRequests],
  });
  const sessions = createSessionVerifier({
    policy: { ...policy, absolute: "1h", unsafeForTesting: true },
    store: memoryStore(),
    signInUrl: "/login",
    cookie: "plain",
    idp: oidcProvider({ issuer: provider.issuer, clientId: CLIENT.id, privateAddresses: ["loopback"] }),
    logger: { info: () => {}, warn: () => {}, error: console.error },
    onEvent: (record) => audit.push(record),
  });
  app.use(sessions.routes());
  const addSignIn = await signInOfTheGuide();
  addSignIn(app, sessions, config, url);
  app.get(["/", "/other"], sessions.page(), (request, response) => {
    response.send(
      `<!doctype html><html lang="en"><title>App</title><h1>Hello, ${request.curfew?.subject}</h1><script src="/curfew/curfew.js" defer></script>`,
    );
  });
  // Without it Express prints each refusal.
  app.use((_error: unknown, _request: Request, response: Response, _next: NextFunction) => {
    response.status(401).send("<!doctype html><title>Refused</title>");
  });
  return {
    url,
    sessions,
    signOutUrl: `${provider.issuer}/session/end?client_id=${CLIENT.id}`,
    asked,
    refusals: () => audit.filter(({ type }) => type === "idp_silent_sign_in").map(({ code }) => code),
    async close() {
      await close();
      await provider.close();
      await sessions.close();
    },
  };
}
