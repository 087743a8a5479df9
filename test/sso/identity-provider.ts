/** A real OpenID Connect provider (`oidc-provider`) on this machine, with a password form and sessions of its own. */
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import Provider from "oidc-provider";

export const CLIENT = { id: "notes", secret: "a secret of the app's with 32 characters" };

const PASSWORD_FORM = `<!doctype html><html lang="en"><title>Provider</title><h1>Your name and password, please</h1>
<form method="post"><input name="name" aria-label="Name"><button>Sign in</button></form>`;

export interface IdentityProvider {
  readonly issuer: string;
  close(): Promise<void>;
}

export interface Server {
  readonly url: string;
  close(): Promise<void>;
}

export async function listen(listener: RequestListener): Promise<Server> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The client id of a further app. */
export const clientOf = (url: string): string => `client-${url}`;

interface ProviderOptions {
  /** Whether it ignores `prompt` and `max_age`, as some providers do. */
  readonly isDeaf?: boolean;
  /** The path that it sends the person back to. Default `/callback`. */
  readonly callback?: string;
  /** Further apps, each a client of the id `client-URL`. */
  readonly others?: readonly string[];
  /** Told of every request. */
  readonly onAsked?: (request: IncomingMessage) => void;
}

/** @param appUrl where the app is */
export async function startIdentityProvider(
  appUrl: string,
  { isDeaf = false, callback = "/callback", others = [], onAsked = () => {} }: ProviderOptions = {},
): Promise<IdentityProvider> {
  let answer: RequestListener = (_request, response) => response.writeHead(503).end();
  const { url, close } = await listen((request, response) => answer(request, response));
  const provider = new Provider(url, {
    clients: [{ id: CLIENT.id, at: appUrl }, ...others.map((at) => ({ id: clientOf(at), at }))].map(
      ({ id, at }) => ({
        client_id: id,
        client_secret: CLIENT.secret,
        redirect_uris: [at + callback],
        post_logout_redirect_uris: [`${at}/`],
        require_auth_time: true,
        backchannel_logout_uri: `${at}/curfew/idp/logout`,
        backchannel_logout_session_required: true,
        grant_types: ["authorization_code", "refresh_token"],
      }),
    ),
    // Its own guard lets nothing reach this machine.
    fetch: (address, { method, body, headers, signal } = {}) =>
      fetch(address, {
        ...(method === undefined ? {} : { method }),
        ...(body === undefined ? {} : { body }),
        ...(headers === undefined ? {} : { headers }),
        ...(signal === undefined ? {} : { signal }),
      }),
    cookies: { keys: ["a key of the provider's"] },
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      revocation: { enabled: true },
    },
    issueRefreshToken: () => true,
    // Its `sid` is another for each client, so a claim says what they share.
    claims: { openid: ["sub", "sign_in"] },
    conformIdTokenClaims: false,
    findAccount: (_context, id, token) => ({
      accountId: id,
      claims: () => ({ sub: id, sign_in: token && "sessionUid" in token ? token.sessionUid : undefined }),
    }),
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    pkce: { required: () => true },
    ttl: {
      Session: 14 * 24 * 60 * 60,
      Grant: 14 * 24 * 60 * 60,
      Interaction: 3_600,
      AccessToken: 60,
      RefreshToken: 3_600,
      IdToken: 60,
    },
    // Nobody is asked for their consent: app and provider are one house's.
    async loadExistingGrant({ oidc }) {
      const { client, session, provider: own } = oidc;
      if (client === undefined || session?.accountId === undefined) return undefined;
      const grant = new own.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope("openid");
      await grant.save();
      return grant;
    },
  });
  const oidc = provider.callback();
  const signIn = async (request: IncomingMessage, response: ServerResponse) => {
    if (request.method !== "POST")
      return response.writeHead(200, { "content-type": "text/html" }).end(PASSWORD_FORM);
    const form = new URLSearchParams((await buffer(request)).toString());
    const login = { accountId: form.get("name") ?? "" };
    return provider.interactionFinished(request, response, { login });
  };
  answer = (request, response) => {
    onAsked(request);
    if (isDeaf) request.url = withoutDemands(request.url ?? "");
    if (request.url?.startsWith("/interaction/")) void signIn(request, response);
    else oidc(request, response);
  };
  return { issuer: url, close };
}

function withoutDemands(url: string): string {
  const [path = "", query = ""] = url.split("?");
  const asked = new URLSearchParams(query);
  asked.delete("prompt");
  asked.delete("max_age");
  return asked.size === 0 ? path : `${path}?${asked}`;
}
