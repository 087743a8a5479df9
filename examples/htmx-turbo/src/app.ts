/** Notes in a panel that htmx or Turbo fetches. Start reading here; the page's half is in public/fragments.js. */
import { randomBytes } from "node:crypto";
import cookieParser from "cookie-parser";
import { doubleCsrf } from "csrf-csrf";
import { createSessionVerifier, type SessionVerifierOptions } from "curfew/server";
import express from "express";
import { notesPage, panel, SCRIPTS, signInPage, wayBack } from "./pages.js";

const secret = process.env.CSRF_SECRET ?? randomBytes(32).toString("hex");

export function createApp(given: Pick<SessionVerifierOptions, "policy" | "store">) {
  const sessions = createSessionVerifier({ ...given, signInUrl: "/login" });
  const { generateCsrfToken, doubleCsrfProtection } = doubleCsrf({
    getSecret: () => secret,
    getSessionIdentifier: ({ curfew }) => curfew?.sid ?? "", // dies with the session
    getCsrfTokenFromRequest: ({ headers }) => headers["x-csrf-token"],
    cookieName: "csrf", // over https: "__Host-csrf", and without the line below
    cookieOptions: { secure: false },
  });
  const notes: string[] = [];
  const app = express();
  app.use(sessions.routes()); // before the body parser, and before the CSRF layer
  for (const [path, file] of SCRIPTS) app.get(path, (_request, response) => response.sendFile(file));
  app.use(express.urlencoded({ extended: false }));

  app.get("/login", (request, response) => void response.send(signInPage(wayBack(request.query.return))));
  app.post("/login", async (request, response) => {
    const { name, password, return: back }: Record<string, unknown> = request.body;
    // Yours: look the person up, compare a hash, slow guessing down.
    if (typeof name !== "string" || name === "" || password !== "demo") return response.status(401).end();
    await sessions.start(request, response, { subject: name }); // refuses a form that another site has sent
    return response.redirect(303, wayBack(back));
  });

  // A page that is navigated to goes to /login and comes back; a fragment is answered 401 and shown nowhere.
  app.use(sessions.guard());
  app.use(cookieParser(), doubleCsrfProtection);
  app.get(["/htmx", "/turbo"], (request, response) => {
    response.send(notesPage(request.path, generateCsrfToken(request, response)));
  });
  app.get("/notes", (request, response) => void response.send(panel(notes, request.get("turbo-frame"))));
  app.post("/notes", ({ body }, response) => {
    notes.push(String(body.note));
    response.redirect(303, "/notes");
  });
  app.post("/logout", async (request, response) => {
    await sessions.signOut(request, response);
    response.redirect(303, "/login");
  });
  return { app, sessions };
}
