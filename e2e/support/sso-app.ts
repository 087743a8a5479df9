/** Express apps that sign people in by a real provider, as docs/sso.md shows it: all on 127.0.0.1, each on a port of its own. */
import type { IncomingMessage } from "node:http";
import {
  type AuditRecord,
  createSessionVerifier,
  memoryStore,
  type SessionVerifier,
  type SessionVerifierOptions,
} from "curfew/server";
import { oidc as oidcProvider } from "curfew/server/oidc";
import express, { type Express, type NextFunction, type Request, type Response } from "express";
import * as oidc from "openid-client";
import { CLIENT, clientOf, listen, startIdentityProvider } from "../../test/sso/identity-provider.js";
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

interface Limits {
  readonly idle: string;
  readonly warning: string;
}

/** `/` and `/other` are guarded pages with the script include. */
export async function openSsoApp(policy: Limits): Promise<SsoApp> {
  const audit: AuditRecord[] = [];
  const asked: URLSearchParams[] = [];
  const app = express();
  const { url, close } = await listen(app);
  const onAsked = ({ url: path = "" }: IncomingMessage) => {
    const { pathname, searchParams } = new URL(path, url);
    if (pathname === "/auth") asked.push(searchParams);
  };
  const { issuer, close: closeProvider } = await startIdentityProvider(url, { onAsked });
  const sessions = await mount(
    app,
    { url, issuer, clientId: CLIENT.id },
    {
      policy: { ...policy, absolute: "1h", unsafeForTesting: true },
      onEvent: (record) => audit.push(record),
    },
  );
  return {
    url,
    sessions,
    signOutUrl: signOutAt(issuer),
    asked,
    refusals: () => audit.filter(({ type }) => type === "idp_silent_sign_in").map(({ code }) => code),
    async close() {
      await close();
      await closeProvider();
      await sessions.close();
    },
  };
}

export interface SsoGroup {
  readonly apps: readonly Pick<SsoApp, "url" | "sessions">[];
  readonly signOutUrl: string;
  close(): Promise<void>;
}

/** Two such apps that share the provider's sign-in and one clock, over one store. */
export async function openSsoGroup(policy: Limits): Promise<SsoGroup> {
  const served = await Promise.all(
    ["mail", "crm"].map(async (name) => {
      const app = express();
      return { name, app, ...(await listen(app)) };
    }),
  );
  const others = served.map(({ url }) => url);
  const provider = await startIdentityProvider("http://127.0.0.1:9", { others });
  const { issuer } = provider;
  const store = memoryStore();
  const apps: { readonly url: string; readonly sessions: SessionVerifier }[] = [];
  for (const { name, app, url } of served) {
    const trusts = served.flatMap((other) => (other.name === name ? [] : [other.name]));
    const sessions = await mount(
      app,
      { url, issuer, clientId: clientOf(url) },
      {
        name,
        store,
        policy: {
          ...policy,
          absolute: "1h",
          activity: "group",
          justification: "One desk.",
          unsafeForTesting: true,
        },
        group: { name: "desk", trusts },
      },
    );
    apps.push({ url, sessions });
  }
  return {
    apps,
    signOutUrl: signOutAt(issuer),
    async close() {
      for (const { close } of [...served, provider]) await close();
      for (const { sessions } of apps) await sessions.close();
    },
  };
}

const signOutAt = (issuer: string) => `${issuer}/session/end`;

interface Place {
  readonly url: string;
  readonly issuer: string;
  readonly clientId: string;
}

async function mount(
  app: Express,
  { url, issuer, clientId }: Place,
  options: Pick<SessionVerifierOptions, "policy"> & Partial<SessionVerifierOptions>,
): Promise<SessionVerifier> {
  const config = await oidc.discovery(new URL(issuer), clientId, CLIENT.secret, undefined, {
    execute: [oidc.allowInsecureRequests],
  });
  const sessions = createSessionVerifier({
    store: memoryStore(),
    signInUrl: "/login",
    cookie: "plain",
    idp: oidcProvider({ issuer, clientId, privateAddresses: ["loopback"] }),
    logger: { info: () => {}, warn: () => {}, error: console.error },
    ...options,
  });
  app.use(sessions.routes());
  const addSignIn = await signInOfTheGuide();
  addSignIn(app, "group" in options ? sharing(sessions) : sessions, config, url);
  app.get(["/", "/other"], sessions.page(), (request, response) => {
    response.send(
      `<!doctype html><html lang="en"><title>App</title><h1>Hello, ${request.curfew?.subject}</h1><script src="/curfew/curfew.js" defer></script>`,
    );
  });
  // Without it Express prints each refusal.
  app.use((_error: unknown, _request: Request, response: Response, _next: NextFunction) => {
    response.status(401).send("<!doctype html><title>Refused</title>");
  });
  return sessions;
}

/** The guide's sign-in with a group: the provider tells both apps of the same authentication, and each of a `sid` of its own. */
function sharing(sessions: SessionVerifier): SessionVerifier {
  const start = (request: Request, response: Response, told: Parameters<SessionVerifier["start"]>[1]) =>
    sessions.start(request, response, {
      ...told,
      group: `sign-in of ${told.subject} at ${told.authenticatedAt}`,
    });
  return { ...sessions, start } as SessionVerifier;
}
