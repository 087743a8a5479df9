/** An appointments book rendered on the server, with a session of its own beside Curfew's. Start reading here. */
import { fileURLToPath } from "node:url";
import type { Session, SessionVerifier } from "curfew/server";
import express, { type Express, type Request, type RequestHandler, type Response } from "express";
import { appointmentsOf, book, cancel, mistakeIn } from "./appointments.js";
import { ownPosts } from "./own-posts.js";
import { emptySession, endWithCurfew, ownSession, takeNotice } from "./own-session.js";
import { bookPage, messagePage, newPage, PAGES, signInPage } from "./pages.js";

const PUBLIC = fileURLToPath(new URL("../public", import.meta.url));

export function createApp(sessions: SessionVerifier, env: NodeJS.ProcessEnv): Express {
  const app = express().disable("x-powered-by");
  app.use(securityHeaders);
  app.use(sessions.routes()); // before any body parser
  app.use(express.static(PUBLIC));
  app.use(ownPosts, express.urlencoded({ extended: false, limit: "16kb" }));
  app.use(ownSession(env), endWithCurfew(sessions));
  addSignIn(app, sessions);
  addBook(app, sessions);
  app.use((_request, response) => send(response, messagePage("There is nothing here"), 404));
  return app;
}

function addSignIn(app: Express, sessions: SessionVerifier): void {
  app.get("/sign-in", (request, response) =>
    send(response, signInPage(takeNotice(request), pageIn(request.query.return))),
  );

  app.post("/sign-in", async (request, response) => {
    const name = field(request, "name").trim();
    const back = pageIn(field(request, "return"));
    // Yours: look the person up, compare a hash, slow guessing down.
    if (name === "" || field(request, "password") !== "demo")
      return send(response, signInPage("Name and password do not match.", back), 401);
    await emptySession(request); // a new id for whoever signs in: nobody can have planted it
    const { sid } = await sessions.start(request, response, { subject: name });
    request.session.curfewSid = sid;
    response.redirect(303, back);
  });

  app.post("/sign-out", sessions.guard({ page: true }), async (request, response) => {
    await sessions.signOut(request, response);
    await emptySession(request);
    response.redirect(303, "/sign-in");
  });
}

function addBook(app: Express, sessions: SessionVerifier): void {
  const guard = sessions.guard({ page: true }); // never extends: requests don't, people do

  app.get("/", guard, (request, response) => {
    const { subject } = sessionOf(request);
    send(response, bookPage(subject, takeNotice(request), appointmentsOf(subject)));
  });

  app.get("/appointments/new", guard, (request, response) => {
    const { draft = { time: "", who: "" } } = request.session;
    send(response, newPage(sessionOf(request).subject, takeNotice(request), draft));
  });

  app.post("/appointments/new", guard, (request, response) => {
    const draft = { time: field(request, "time").trim(), who: field(request, "who").trim() };
    const mistake = mistakeIn(draft.time, draft.who);
    if (mistake !== null) {
      Object.assign(request.session, { draft, notice: mistake });
      return response.redirect(303, "/appointments/new");
    }
    book(sessionOf(request).subject, draft.time, draft.who);
    delete request.session.draft;
    request.session.notice = `Booked: ${draft.who} at ${draft.time}.`;
    return response.redirect(303, "/");
  });

  app.post("/appointments/cancel", guard, (request, response) => {
    cancel(sessionOf(request).subject, field(request, "id"));
    request.session.notice = "Cancelled.";
    response.redirect(303, "/");
  });
}

const securityHeaders: RequestHandler = (_request, response, next) => {
  response.set({
    "Content-Security-Policy":
      "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
  });
  next();
};

/** The session that the guard let pass. */
function sessionOf({ curfew }: Request): Session {
  if (curfew === undefined) throw new Error("This route has no guard in front of it.");
  return curfew;
}

function field(request: Request, name: string): string {
  const value: unknown = Object(request.body)[name];
  return typeof value === "string" ? value : "";
}

/** No value from outside becomes an address: only the app's own pages are gone back to. */
function pageIn(value: unknown): string {
  return typeof value === "string" && PAGES.has(value) ? value : "/";
}

function send(response: Response, page: string, status = 200): void {
  response.status(status).set("Cache-Control", "no-store").type("html").send(page);
}
