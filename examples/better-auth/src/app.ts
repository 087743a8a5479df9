/** Better Auth signs people in; Curfew decides how long they stay. Start reading here. */
import { toNodeHandler } from "better-auth/node";
import type { SessionVerifier } from "curfew/server";
import express, { type Express } from "express";
import type { Auth } from "./auth.js";

export function createApp(sessions: SessionVerifier, auth: Auth): Express {
  const app = express().disable("x-powered-by");
  app.use(sessions.routes()); // before any body parser

  // Both halves end; Better Auth goes on to take its cookies.
  app.post("/api/auth/sign-out", async (request, response, next) => {
    await sessions.signOut(request, response);
    next();
  });
  app.all("/api/auth/*rest", toNodeHandler(auth));

  // The first guarded request after a sign-in makes the session known to Curfew; being asked extends nothing.
  app.get("/notes", sessions.guard(), ({ curfew }, response) => {
    response.json({ notes: [`Hello, ${curfew?.subject}`] });
  });

  return app;
}
