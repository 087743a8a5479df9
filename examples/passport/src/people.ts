/** What the app had before Curfew: who may sign in, and what passport keeps of them in the session. */
import { randomBytes } from "node:crypto";
import passport from "passport";
import { Strategy } from "passport-local";

declare global {
  namespace Express {
    interface User {
      id: string;
    }
  }
}

declare module "express-session" {
  interface SessionData {
    /** When the person proved who they are, in milliseconds since the epoch. */
    authenticatedAt: number;
  }
}

export const secret = process.env.SESSION_SECRET ?? randomBytes(32).toString("hex");

// Yours: look the person up, compare a hash, slow guessing down.
passport.use(new Strategy((name, password, done) => done(null, password === "demo" && { id: name })));
passport.serializeUser<string>((user, done) => done(null, user.id));
passport.deserializeUser<string>((id, done) => done(null, { id }));
