/** Curfew: sessions that end when the person has gone. */
import { memoryStore } from "curfew/server";
import { createSessionVerifier } from "curfew/server/web";

export const sessions = createSessionVerifier({
  policy: { idle: "15m", absolute: "12h", warning: "2m" },
  store: memoryStore(),
  signInUrl: "/login",
});
