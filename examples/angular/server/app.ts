/** The API, and the page. Angular sends the token of the cookie XSRF-TOKEN back by itself, as the header X-XSRF-TOKEN. */
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import cookieParser from "cookie-parser";
import { doubleCsrf } from "csrf-csrf";
import { createSessionVerifier, type SessionVerifierOptions } from "curfew/server";
import express, { type Request, type Response } from "express";

const secret = process.env.CSRF_SECRET ?? randomBytes(32).toString("hex");
const PAGE = `<!doctype html><html lang="en"><title>Notes</title><link rel="icon" href="data:,"><base href="/">
<script src="/build/main.js" type="module"></script><app-root></app-root>`;

export function createApp(given: Pick<SessionVerifierOptions, "policy" | "store">) {
  const sessions = createSessionVerifier({ ...given, signInUrl: "/login" });
  const { generateCsrfToken, doubleCsrfProtection } = doubleCsrf({
    getSecret: () => secret,
    getSessionIdentifier: ({ curfew }) => curfew?.sid ?? "", // dies with the session
    getCsrfTokenFromRequest: (request) => request.get("X-XSRF-TOKEN"),
    cookieName: "csrf", // over https: "__Host-csrf", and without the line below
    cookieOptions: { secure: false },
  });
  const notes: string[] = [];
  const app = express();
  app.use(sessions.routes()); // before the body parser, and before the CSRF layer
  app.use("/build", express.static(fileURLToPath(new URL("../build", import.meta.url))));
  app.get(["/", "/login"], (_request, response) => void response.send(PAGE));
  app.use(express.json(), cookieParser());
  app.post("/api/sign-in", async (request, response) => {
    const { name, password }: Record<string, unknown> = request.body ?? {};
    // Yours: look the person up, compare a hash, slow guessing down.
    if (typeof name !== "string" || name === "" || password !== "demo") return response.status(401).end();
    await sessions.start(request, response, { subject: name }); // refuses what another site has sent
    return response.json({ name });
  });
  app.use("/api", sessions.guard());
  const withToken = (request: Request, response: Response) =>
    response.cookie("XSRF-TOKEN", generateCsrfToken(request, response), { sameSite: "strict" }).json(notes);
  app.get("/api/notes", withToken);
  app.post("/api/notes", doubleCsrfProtection, ({ body }, response) => {
    notes.push(String(body.note));
    response.json(notes);
  });
  return { app, sessions };
}
