/** What the app had before Curfew: who signs people in, and where Auth.js keeps its sessions. */
import { randomBytes, randomUUID } from "node:crypto";
import type { Adapter, AdapterAccount, AdapterSession, AdapterUser } from "@auth/core/adapters";
import Credentials from "@auth/core/providers/credentials";
import type { ExpressAuthConfig } from "@auth/express";

const common = {
  secret: process.env.AUTH_SECRET ?? randomBytes(32).toString("hex"),
  trustHost: true,
  pages: { signIn: "/login", error: "/login" },
} as const;

/** Sessions in a token. */
export const withPassword = (): ExpressAuthConfig => ({
  ...common,
  providers: [
    Credentials({
      credentials: { name: {}, password: {} },
      // Yours: look the person up, compare a hash, slow guessing down.
      authorize: ({ name, password }) =>
        typeof name === "string" && name !== "" && password === "demo" ? { id: name, name } : null,
    }),
  ],
});

export interface Provider {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Sessions in a database where `adapter` is given, else in a token. */
export const withProvider = (provider: Provider, adapter?: Adapter): ExpressAuthConfig => ({
  ...common,
  providers: [
    {
      id: "work",
      name: "Work",
      type: "oidc",
      ...provider,
      authorization: { params: { scope: "openid" } },
      profile: ({ sub }) => ({ id: sub, name: sub, email: `${sub}@work.example` }),
    },
  ],
  ...(adapter === undefined ? {} : { adapter }),
});

/** Yours: an adapter for your database. */
export function memoryAdapter(): Adapter & { readonly sessions: ReadonlyMap<string, AdapterSession> } {
  const users = new Map<string, AdapterUser>();
  const accounts = new Map<string, string>();
  const sessions = new Map<string, AdapterSession>();
  const keyOf = ({ provider, providerAccountId }: Pick<AdapterAccount, "provider" | "providerAccountId">) =>
    `${provider} ${providerAccountId}`;
  return {
    sessions,
    async createUser(user) {
      const created = { ...user, id: randomUUID() };
      users.set(created.id, created);
      return created;
    },
    getUser: async (id) => users.get(id) ?? null,
    getUserByEmail: async (email) => [...users.values()].find((user) => user.email === email) ?? null,
    getUserByAccount: async (account) => users.get(accounts.get(keyOf(account)) ?? "") ?? null,
    async updateUser(changes) {
      const user = users.get(changes.id);
      if (user === undefined) throw new Error(`there is no user ${changes.id}`);
      return Object.assign(user, changes);
    },
    linkAccount: async (account) => void accounts.set(keyOf(account), account.userId),
    async createSession(session) {
      sessions.set(session.sessionToken, session);
      return session;
    },
    async getSessionAndUser(token) {
      const session = sessions.get(token);
      const user = users.get(session?.userId ?? "");
      return session && user ? { session, user } : null;
    },
    async updateSession(changes) {
      const session = sessions.get(changes.sessionToken);
      return session ? Object.assign(session, changes) : null;
    },
    deleteSession: async (token) => void sessions.delete(token),
  };
}
