/** The verifier, and what it needs to see of an event. */
import { memoryStore, type Session } from "curfew/server";
import { createSessionVerifier } from "curfew/server/web";
import { getRequestURL, type H3Event } from "h3";

declare module "h3" {
  interface H3EventContext {
    /** The session that the guard let pass. */
    session?: Session;
  }
}

export const sessions = createSessionVerifier({
  policy: { idle: "15m", absolute: "12h", warning: "2m" },
  store: memoryStore(), // yours: sqliteStore("curfew.db"), postgresStore(…) or redisStore(…), which other processes share
  signInUrl: "/login",
});

/** Without the body: h3's own `toWebRequest` would take it, and the route behind would wait for it for ever. */
export function headOf(event: H3Event): Request {
  return new Request(getRequestURL(event), { method: event.method, headers: event.headers });
}
