/** Notes with Auth.js, its sessions in a token or in a database. */
import { fileURLToPath } from "node:url";
import type { ExpressAuthConfig } from "@auth/express";
import type { SessionVerifierOptions } from "curfew/server";
import express from "express";
import { firstPage, signInPage, wayBack } from "./pages.js";
import { tieTogether } from "./sessions.js";

const CSRF_SCRIPT = fileURLToPath(new URL("../public/csrf.js", import.meta.url));

export function createApp(own: ExpressAuthConfig, given: Pick<SessionVerifierOptions, "policy" | "store">) {
  const { sessions, auth } = tieTogether(own, given);
  const app = express();
  app.use(sessions.routes()); // before Auth.js, which reads bodies
  app.use("/auth", ...auth);
  app.get("/csrf.js", (_request, response) => response.sendFile(CSRF_SCRIPT));
  app.get("/login", async (request, response) => {
    // An error is a sign-in that was refused: the provider is told to ask the person.
    const refused = request.query.error !== undefined;
    const ask = refused ? { maxAge: 0, prompt: "login" } : await sessions.authorization(request);
    response.send(signInPage(own.providers, ask, wayBack(request.query.return)));
  });
  app.get("/", sessions.page(), ({ curfew }, response) => {
    response.send(firstPage(curfew?.subject ?? ""));
  });
  app.get("/notes", sessions.guard(), ({ curfew }, response) => {
    response.json({ notes: [`Hello, ${curfew?.subject}`] });
  });
  return { app, sessions };
}
