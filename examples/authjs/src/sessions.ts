/** Ties the two together: Auth.js signs people in, Curfew says when it ends. Start reading here. */
import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";
import { getToken } from "@auth/core/jwt";
import type { Account, Profile } from "@auth/core/types";
import { ExpressAuth, type ExpressAuthConfig } from "@auth/express";
import { createSessionVerifier, type SessionVerifierOptions, type SignInOptions } from "curfew/server";
import type { Request, RequestHandler, Response } from "express";

const SESSION_COOKIES = /[^;]*authjs\.session-token[^;]*;?/g;

/** The call that Auth.js answers, which its own callbacks do not see, and what it has said of the sign-in. */
type Call = { request: Request; response: Response } & Partial<SignInOptions>;

/** @param own with an adapter the sessions are in its database, else in a token */
export function tieTogether(own: ExpressAuthConfig, given: Pick<SessionVerifierOptions, "policy" | "store">) {
  const { adapter, secret = "" } = own;
  async function identify({ headers: { cookie = "" }, secure: secureCookie }: Request) {
    const asked = { req: { headers: { cookie } }, secret, secureCookie };
    const id = adapter ? await getToken({ ...asked, raw: true }) : (await getToken(asked))?.sid;
    return typeof id === "string" ? { id } : null; // without a subject: nothing is adopted, what has ended stays ended
  }
  const onEnd = async ({ id }: { id: string | null }) => void (await adapter?.deleteSession?.(id ?? ""));
  const sessions = createSessionVerifier({ ...given, signInUrl: "/login", identify, onEnd });

  const calls = new AsyncLocalStorage<Call>();
  async function start(id: string, subject: string) {
    const call = calls.getStore();
    if (call === undefined) throw new Error("A sign-in outside of the routes of Auth.js.");
    const { request, response, ...told } = call;
    await sessions.start(request, response, { ...told, id, subject });
  }
  const config: ExpressAuthConfig = {
    ...own,
    callbacks: {
      signIn({ account, profile }) {
        Object.assign(calls.getStore() ?? {}, authenticationOf(account, profile));
        return true;
      },
      async jwt({ token, account }) {
        if (!account) return token; // a renewal, which makes another `jti` each time
        const sid = randomUUID();
        await start(sid, `${account.provider}:${account.providerAccountId}`);
        return { ...token, sid };
      },
    },
    events: { signOut: () => sessions.endOwn(calls.getStore()?.previousId ?? "", "signed-out") },
  };
  if (adapter)
    config.adapter = {
      ...adapter,
      async createSession(session) {
        await start(session.sessionToken, session.userId);
        return adapter.createSession?.(session) ?? session;
      },
    };

  /** What has ended Auth.js does not see: it would renew the cookie, and say that the person is there. */
  const hideEnded: RequestHandler = async (request, response, next) => {
    const { id: previousId } = (await identify(request)) ?? {};
    if ((await sessions.check(request)).status !== "active")
      request.headers.cookie = request.headers.cookie?.replace(SESSION_COOKIES, "");
    calls.run({ request, response, ...(previousId && { previousId }) }, next);
  };
  return { sessions, auth: [hideEnded, ExpressAuth(config)] };
}

/** When the person proved who they are. @throws Error where a provider does not tell */
function authenticationOf(account?: Account | null, { auth_time, iss, sid }: Profile = {}) {
  if (account?.type !== "oidc" && account?.type !== "oauth") return {}; // a password of one's own: now
  if (typeof auth_time !== "number") throw new Error("The provider tells no auth_time: ask it for max_age.");
  const idp = iss && sid ? { idp: { iss: `${iss}`, sid: `${sid}` } } : {};
  return { authenticatedAt: auth_time * 1_000, ...idp };
}
