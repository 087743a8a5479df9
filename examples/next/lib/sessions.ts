/** The verifier, once in this process: Next bundles routes and actions apart, and reloads them in development. */
import { memoryStore } from "curfew/server";
import { createSessionVerifier, type WebSessionVerifier } from "curfew/server/web";

const kept = globalThis as typeof globalThis & { curfewSessions?: WebSessionVerifier };

kept.curfewSessions ??= createSessionVerifier({
  policy: { idle: "15m", absolute: "12h", warning: "2m" },
  store: memoryStore(), // yours: sqliteStore("curfew.db"), postgresStore(…) or redisStore(…), which other processes share
  signInUrl: "/login",
});

export const sessions = kept.curfewSessions;
