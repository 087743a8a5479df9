/** Notes of a person whose login is in `express-session`. Start reading here. */
import type { SessionVerifier } from "curfew/server";
import express, { type Express, type Request, type Response } from "express";
import type { Store } from "express-session";
import { ownSession, regenerate } from "./own-session.js";

export function createApp(sessions: SessionVerifier, ownStore: Store): Express {
  const app = express().disable("x-powered-by");
  app.use(ownSession(ownStore)); // before Curfew, whose `identify` looks at it
  app.use(sessions.routes()); // before any body parser
  addSignIn(app, sessions);
  addNotes(app, sessions);
  return app;
}

function addSignIn(app: Express, sessions: SessionVerifier): void {
  app.post("/sign-in", express.json(), async (request, response) => {
    const { name, password }: { name?: unknown; password?: unknown } = Object(request.body);
    // Yours: look the person up, compare a hash, slow guessing down.
    if (typeof name !== "string" || name === "" || password !== "demo") return response.status(401).end();
    await sessions.signOut(request, response); // whoever this browser was until now
    await regenerate(request); // a new id for whoever signs in: nobody can have planted it
    const { authenticatedAt } = await sessions.start(request, response, {
      subject: name,
      id: request.sessionID,
    });
    Object.assign(request.session, { user: name, authenticatedAt });
    return response.status(204).end();
  });

  app.post("/sign-out", async (request, response) => {
    await sessions.signOut(request, response); // `onEnd` destroys the app's own session
    response.status(204).end();
  });

  // The id changes whenever the person's rights do; Curfew is told, and no clock moves.
  app.post("/password", sessions.guard({ fresh: "5m" }), async (request: Request, response: Response) => {
    const { sessionID: before, session } = request;
    const { user, authenticatedAt, notes } = session;
    await regenerate(request);
    await sessions.moved(before, request.sessionID);
    Object.assign(request.session, { user, authenticatedAt, notes });
    response.status(204).end();
  });
}

function addNotes(app: Express, sessions: SessionVerifier): void {
  const guard = sessions.guard(); // never extends: requests don't, people do

  app.get("/notes", guard, ({ session }, response) => {
    response.json(session.notes ?? []);
  });

  // The guard looks when the upload begins; a slow one may go on beyond the end of the session.
  app.post("/notes", guard, express.text({ limit: "1mb" }), ({ body, session }, response) => {
    session.notes = [...(session.notes ?? []), String(body)];
    response.status(201).end();
  });
}
