/** The app under test: a sign-in, and notes behind Curfew's guard, in Express. */
import type { SessionVerifier } from "curfew/server";
import express, { type Express } from "express";

export function createApp(sessions: SessionVerifier): Express {
  const app = express().disable("x-powered-by");
  app.use(sessions.routes(), express.json());

  app.post("/sign-in", async (request, response) => {
    const { name, password }: { name?: unknown; password?: unknown } = Object(request.body);
    if (typeof name !== "string" || name === "" || password !== "demo") return response.status(401).end();
    await sessions.start(request, response, { subject: name });
    return response.status(204).end();
  });

  app.post("/sign-out", async (request, response) => {
    await sessions.signOut(request, response);
    response.status(204).end();
  });

  app.get("/notes", sessions.guard(), ({ curfew }, response) => {
    response.json({ subject: curfew?.subject, notes: ["Buy milk"] });
  });

  return app;
}
