/** Curfew: sessions that end when the person has gone. */
import { createSessionVerifier, memoryStore } from "curfew/server";

export const sessions = createSessionVerifier({
  policy: { idle: "15m", absolute: "12h", warning: "2m" },
  store: memoryStore(),
  signInUrl: "/login",
});

/** The protocol and the script include. */
export const routes = sessions.routes();

/** In front of what only people who are signed in may see: it never extends; `request.curfew` is the session. */
export const guard = sessions.guard();
