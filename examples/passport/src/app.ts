/** Notes with passport, express-session and CSRF tokens. The first page is public and private. Start reading here. */
import cookieParser from "cookie-parser";
import { doubleCsrf } from "csrf-csrf";
import { createSessionVerifier, type SessionVerifierOptions } from "curfew/server";
import express, { type Request } from "express";
import session, { type Store } from "express-session";
import passport from "passport";
import { accountPage, firstPage, signInPage, wayBack } from "./pages.js";
import { secret } from "./people.js";

/** @param own the store that the app's own sessions are in */
export function createApp(own: Store, given: Pick<SessionVerifierOptions, "policy" | "store">) {
  const sessions = createSessionVerifier({
    ...given,
    signInUrl: "/login",
    identify({ sessionID: id, user, session: { authenticatedAt } }: Request) {
      return user && authenticatedAt !== undefined ? { id, subject: user.id, authenticatedAt } : null;
    },
    onEnd: ({ id }) =>
      new Promise<void>((done, fail) => own.destroy(id ?? "", (error) => (error ? fail(error) : done()))),
  });
  const { generateCsrfToken: tokenFor, doubleCsrfProtection } = doubleCsrf({
    getSecret: () => secret,
    getSessionIdentifier: ({ sessionID }) => sessionID,
    getCsrfTokenFromRequest: ({ body }) => body?._csrf,
    cookieName: "csrf", // over https: "__Host-csrf", and without the line below
    cookieOptions: { secure: false },
  });
  const app = express();
  app.use(
    session({ store: own, secret, resave: false, saveUninitialized: true, cookie: { sameSite: "lax" } }),
  );
  app.use(passport.session()); // before Curfew, whose `identify` looks at request.user
  app.use(sessions.routes()); // before the body parser, and before the CSRF layer
  app.use(cookieParser(), express.urlencoded({ extended: false }), doubleCsrfProtection);

  app.get("/login", (request, response) => {
    response.send(signInPage(tokenFor(request, response), wayBack(request.query.return)));
  });
  app.post("/login", (request, response, next) => {
    response.locals.previousId = request.sessionID; // passport is about to make a new one
    next();
  });
  app.post(
    "/login",
    passport.authenticate("local", { failureRedirect: "/login" }),
    async (request, response) => {
      const told = { subject: String(request.user?.id), id: request.sessionID, ...response.locals };
      const { authenticatedAt } = await sessions.start(request, response, told);
      request.session.authenticatedAt = authenticatedAt; // into the new session: the one before is gone with all it held
      response.redirect(303, wayBack(request.body.return));
    },
  );
  app.post("/logout", async (request, response, next) => {
    await sessions.signOut(request, response); // first: after request.logout nobody knows whose session it was
    request.logout((error) => (error ? next(error) : response.redirect(303, "/")));
  });

  app.get("/", async (request, response) => {
    const { status } = await sessions.check(request); // public and private: refuses nobody, extends nothing
    const user = status === "active" ? request.user : undefined;
    response.send(firstPage(tokenFor(request, response), user));
  });
  app.use("/account", sessions.guard({ page: true }));
  app.get("/account", (request, response) => void response.send(accountPage(tokenFor(request, response))));
  app.post("/account", (request, response) => void response.json({ saved: request.body.note }));
  return { app, sessions };
}
