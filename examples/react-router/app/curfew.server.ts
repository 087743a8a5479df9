/** Curfew: sessions that end when the person has gone. Start reading here. */
import { memoryStore, type Session } from "curfew/server";
import { createSessionVerifier } from "curfew/server/web";
import { createContext, type MiddlewareFunction } from "react-router";

export const sessions = createSessionVerifier({
  policy: { idle: "15m", absolute: "12h", warning: "2m" },
  store: memoryStore(), // yours: sqliteStore("curfew.db") from "curfew/server/sqlite"
  signInUrl: "/login",
});

/** Who is signed in, for loaders and actions. */
export const signedIn = createContext<Session>();

const page = sessions.page();
const OPEN = ["/login"];

/** The guard in front of every loader and action but those of the paths that are open. */
export const curfewMiddleware: MiddlewareFunction<Response> = async ({ request, context }, next) => {
  const { pathname } = new URL(request.url);
  if (OPEN.includes(pathname) || pathname.startsWith("/curfew/")) return next();
  const passed = await page(request);
  if (passed instanceof Response) throw passed;
  context.set(signedIn, passed.session);
  return passed.finish(await next());
};
