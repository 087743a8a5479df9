/** The app's own session (notices, a draft), which lives no longer than the one that Curfew keeps. */
import { randomBytes } from "node:crypto";
import type { SessionVerifier } from "curfew/server";
import type { Request, RequestHandler } from "express";
import session from "express-session";
import type { Draft } from "./pages.js";

declare module "express-session" {
  interface SessionData {
    /** The public name of the Curfew session that this one belongs to. */
    curfewSid: string;
    /** Said once, on the next page. */
    notice: string;
    draft: Draft;
  }
}

/** Its cookie says nothing about who is signed in: only Curfew's guard does. */
export function ownSession(env: NodeJS.ProcessEnv): RequestHandler {
  return session({
    name: "appointments",
    secret: env.SESSION_SECRET ?? randomBytes(32).toString("hex"),
    resave: false,
    saveUninitialized: false,
    cookie: { httpOnly: true, sameSite: "lax", secure: "auto" },
  });
}

/**
 * Destroys the app's session on the first request after its Curfew session is over, or is another one. A question to
 * Curfew extends nothing. While the store does not answer nothing is destroyed: nobody knows yet.
 */
export function endWithCurfew(sessions: SessionVerifier): RequestHandler {
  return async (request, _response, next) => {
    const { curfewSid } = request.session;
    if (curfewSid === undefined) return next();
    const found = await sessions.check(request);
    const over =
      found.status === "active"
        ? found.session.sid !== curfewSid
        : found.status === "ended" || found.status === "none";
    if (over) await emptySession(request);
    if (found.status === "ended") request.session.notice = "You were signed out. Please sign in again.";
    next();
  };
}

/** Destroys what was there and goes on under a new id. */
export function emptySession(request: Request): Promise<void> {
  return new Promise((resolve, reject) => {
    request.session.regenerate((error: unknown) => (error ? reject(error) : resolve()));
  });
}

/** The notice, if there is one, and with that it is said. */
export function takeNotice({ session }: Request): string {
  const { notice = "" } = session;
  delete session.notice;
  return notice;
}
