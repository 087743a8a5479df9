/** The API: Curfew's calls, signing in, and a guarded list. */
import type { SessionVerifier } from "curfew/server";
import express, { type Express } from "express";
import { cors } from "./cors.js";

const DELIVERIES = [
  { id: 1, where: "Harbour Street 4", status: "on its way" },
  { id: 2, where: "Mill Lane 17", status: "packed" },
];

export function createApp(sessions: SessionVerifier, pageOrigin: string): Express {
  const app = express().disable("x-powered-by");
  app.use(sessions.routes()); // before any body parser; its answers carry their own CORS headers
  app.use(cors(pageOrigin), express.json({ limit: "16kb" }));

  app.post("/sign-in", async (request, response) => {
    const { name, password }: { name?: unknown; password?: unknown } = Object(request.body);
    // Yours: look the person up, compare a hash, slow guessing down.
    if (typeof name !== "string" || name === "" || password !== "demo") return response.status(401).end();
    await sessions.start(request, response, { subject: name });
    return response.status(204).end();
  });

  app.get("/deliveries", sessions.guard(), (_request, response) => {
    response.json(DELIVERIES); // request.curfew says for whom; being asked extends nothing
  });

  return app;
}
