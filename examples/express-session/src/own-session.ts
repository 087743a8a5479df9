/** The app's own session by `express-session`: it says who is signed in. */
import { randomBytes } from "node:crypto";
import type { Request, RequestHandler } from "express";
import session, { type Store } from "express-session";

declare module "express-session" {
  interface SessionData {
    user: string;
    /** When the person proved who they are, in milliseconds since the epoch. */
    authenticatedAt: number;
    notes: string[];
  }
}

export const OWN_COOKIE = "connect.sid";

export function ownSession(store: Store): RequestHandler {
  return session({
    name: OWN_COOKIE,
    store,
    secret: process.env.SESSION_SECRET ?? randomBytes(32).toString("hex"),
    resave: false,
    saveUninitialized: false,
    rolling: true, // every request renews this cookie: what keeps an abandoned browser signed in without Curfew
    cookie: { httpOnly: true, sameSite: "lax", secure: "auto", maxAge: 30 * 60_000 },
  });
}

/** Goes on under a new id, with nothing in it; what stood under the old id is gone. */
export function regenerate({ session }: Request): Promise<void> {
  return new Promise((resolve, reject) => {
    session.regenerate((error: unknown) => (error ? reject(error) : resolve()));
  });
}

export function destroyIn(store: Store, id: string): Promise<void> {
  return new Promise((resolve, reject) => {
    store.destroy(id, (error: unknown) => (error ? reject(error) : resolve()));
  });
}
