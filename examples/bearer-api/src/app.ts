/** An API behind bearer tokens, which are worth something only while the person's session lives. Start reading here. */
import type { Session, SessionVerifier } from "curfew/server";
import express, { type Express, type RequestHandler } from "express";
import type { Bond, Tokens } from "./tokens.js";

export function createApp(sessions: SessionVerifier, tokens: Tokens): Express {
  const app = express().disable("x-powered-by");
  app.use(sessions.routes(), express.json({ limit: "16kb" }));

  app.post("/sign-in", async (request, response) => {
    const { name, password }: { name?: unknown; password?: unknown } = Object(request.body);
    // Yours: look the person up, compare a hash, slow guessing down.
    if (typeof name !== "string" || name === "" || password !== "demo") return response.status(401).end();
    const session = await sessions.start(request, response, { subject: name });
    return response.json(await tokens.issue(session));
  });

  app.post("/sign-out", async (request, response) => {
    await sessions.signOut(request, response);
    response.status(204).end();
  });

  app.post("/token", async (request, response) => {
    const session = await redeem(sessions, tokens, Object(request.body).refreshToken);
    response.set("Cache-Control", "no-store");
    if (session === null) return response.status(400).json({ error: "invalid_grant" }); // RFC 6749, 5.2
    return response.json(await tokens.issue(session));
  });

  // Nothing of Curfew's is asked here: such a call costs no look at the store, and cannot be taken for activity.
  app.get("/notes", bearer(tokens), (_request, response) => {
    response.json({ notes: [`Hello, ${response.locals.subject}`] });
  });

  return app;
}

/** The live session that the refresh token belongs to, else null. A token that comes twice has been stolen. */
async function redeem(sessions: SessionVerifier, tokens: Tokens, token: unknown): Promise<Session | null> {
  const redeemed = tokens.redeem(typeof token === "string" ? token : "");
  if (redeemed.status === "reused") await sessions.end(redeemed.bond.sid, "revoked");
  return redeemed.status === "valid" ? liveSession(sessions, redeemed.bond) : null;
}

/** Asked of the verifier itself: a refresh extends nothing, and needs no cookie. */
async function liveSession(sessions: SessionVerifier, { subject, sid }: Bond): Promise<Session | null> {
  const live = await sessions.list(subject);
  return live.find((session) => session.sid === sid) ?? null;
}

function bearer(tokens: Tokens): RequestHandler {
  return async (request, response, next) => {
    const [, token = ""] = /^Bearer (\S+)$/i.exec(request.get("Authorization") ?? "") ?? [];
    const subject = await tokens.subjectOf(token);
    if (subject === null)
      return response.status(401).set("WWW-Authenticate", 'Bearer error="invalid_token"').end();
    response.locals.subject = subject;
    return next();
  };
}
