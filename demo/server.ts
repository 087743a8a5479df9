/** The demo as an app: sign-in, guarded notes, a transfer that asks for a fresh password, and the audit trail. Start reading here. */
import { fileURLToPath } from "node:url";
import {
  createSessionVerifier,
  memoryStore,
  type SessionStore,
  type SessionVerifier,
  startNotice,
} from "curfew/server";
import { postgresStore } from "curfew/server/postgres";
import { redisStore } from "curfew/server/redis";
import { sqliteStore } from "curfew/server/sqlite";
import express, { type Express, type RequestHandler } from "express";
import { onError, refuse, sendPage, textIn } from "./answers.js";
import type { Trail } from "./audit-trail.js";
import type { Settings } from "./environment.js";
import { addTrail } from "./evidence.js";
import { addGallery } from "./gallery.js";
import { createNotes } from "./notes.js";
import { loginPage, messagePage, notesPage, PAGES } from "./pages.js";
import { sameOriginPosts } from "./same-origin.js";

export interface Demo {
  readonly app: Express;
  readonly sessions: SessionVerifier;
}

export interface DemoParts {
  readonly settings: Settings;
  /** The file of the SQLite store, where the settings choose that store. */
  readonly storePath: string;
  readonly trail: Trail;
  /** The bundled scripts, by file name. */
  readonly scripts: ReadonlyMap<string, string>;
}

const PASSWORD = "demo";
const PUBLIC = fileURLToPath(new URL("public", import.meta.url));

export function createDemo({ settings, storePath, trail, scripts }: DemoParts): Demo {
  const sessions = createSessionVerifier({
    policy: policyOf(settings),
    store: storeOf(settings, storePath),
    signInUrl: "/login",
    name: settings.name,
    cookie: settings.cookie,
    audit: trail.log,
    onEvent: trail.keep,
    watch: {},
  });
  const app = express().disable("x-powered-by");
  app.use(securityHeaders);
  app.use(sessions.routes()); // before any body parser
  app.use("/assets", assets(scripts), express.static(PUBLIC));
  app.use(sameOriginPosts);
  app.use(express.urlencoded({ extended: false, limit: "16kb" }), express.json({ limit: "64kb" }));
  addSignIn(app, sessions, settings);
  addNotes(app, sessions, settings);
  addTrail(app, trail);
  addGallery(app);
  app.use((_request, response) => sendPage(response, messagePage("There is nothing at this address."), 404));
  app.use(onError);
  return { app, sessions };
}

/** So that whoever tries the demo sees an alert within a minute; nobody's working day is judged by so little. */
const QUICK = { samples: 8, steady: 0.3, regular: 0.2 } as const;

export function policyOf({ idle, absolute, warning, heartbeat, warnEarly, unsafeForTesting }: Settings) {
  const text = (duration: number) => `${duration}ms`;
  return {
    idle: text(idle),
    absolute: text(absolute),
    warning: text(warning),
    heartbeat: text(heartbeat),
    watch: {
      rules: { "machine-like": { ...QUICK, period: text(QUICK.samples * heartbeat) } },
      ...(warnEarly ? { warnEarly: ["machine-like"] as const } : {}),
    },
    unsafeForTesting,
    owner: "Whoever runs the demo",
    justification: "Short, so that a visitor sees the warning and the end",
  };
}

function storeOf({ store }: Settings, path: string): SessionStore {
  if (store.kind === "redis") return redisStore(store.url);
  if (store.kind === "postgres") return postgresStore(store.url);
  return store.kind === "memory" ? memoryStore() : sqliteStore(path);
}

function addSignIn(app: Express, sessions: SessionVerifier, settings: Settings): void {
  const { idle, absolute } = policyOf(settings);
  const notice = startNotice({ idle, absolute, work: "saved" });

  app.get("/login", (request, response) =>
    sendPage(response, loginPage({ username: "", back: pageIn(request.query.return), notice })),
  );

  app.post("/login", async (request, response) => {
    const username = textIn(request.body, "username").trim();
    const back = pageIn(textIn(request.body, "return"));
    const mistake = signInMistake(username, textIn(request.body, "password"));
    if (mistake !== null) return sendPage(response, loginPage({ username, back, notice, mistake }), 401);
    await sessions.start(request, response, { subject: username });
    response.redirect(303, back);
  });

  app.post("/reauth", sessions.guard(), async (request, response) => {
    if (request.curfew === undefined || textIn(request.body, "password") !== PASSWORD)
      return refuse(response, 401, "That password is not right. In this demo it is “demo”.");
    await sessions.reauthenticate(request, response, { subject: request.curfew.subject });
    if (request.get("Accept") === "application/json") response.status(204).end();
    else response.redirect(303, "/");
  });

  app.post("/logout", async (request, response) => {
    await sessions.signOut(request, response);
    response.redirect(303, "/login");
  });
}

function addNotes(app: Express, sessions: SessionVerifier, settings: Settings): void {
  const notes = createNotes();
  app.get(Object.keys(PAGES), sessions.guard({ page: true }), (request, response) => {
    const subject = request.curfew?.subject ?? "";
    sendPage(response, notesPage({ path: request.path, subject, unsafe: settings.unsafeForTesting }));
  });

  app.use("/api", sessions.guard()); // never extends: requests don't, people do

  app.get("/api/notes", (request, response) => {
    const { subject = "", lastActiveAt, idleExpiresAt } = request.curfew ?? {};
    response.json({ notes: notes.of(subject), lastActiveAt, idleExpiresAt });
  });

  app.put("/api/notes/:id", (request, response) => {
    const { subject = "" } = request.curfew ?? {};
    const text: unknown = Object(request.body).text;
    if (typeof text !== "string") return refuse(response, 400, 'Send the note as JSON: { "text": "…" }.');
    const result = notes.edit(subject, request.params.id, text);
    if (result === "saved") response.status(204).end();
    else if (result === "unknown") refuse(response, 404, "There is no such note.");
    else refuse(response, 413, "A note holds at most 5,000 characters.");
  });

  app.post("/api/transfer", sessions.guard({ fresh: `${settings.fresh}ms` }), (_request, response) => {
    response.json({ transferredAt: Date.now(), to: "City Hospital" });
  });
}

const securityHeaders: RequestHandler = (_request, response, next) => {
  response.set({
    "Content-Security-Policy": "default-src 'self'; require-trusted-types-for 'script'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
  });
  next();
};

function assets(scripts: ReadonlyMap<string, string>): RequestHandler {
  return (request, response, next) => {
    const script = scripts.get(request.path.slice(1));
    if (script === undefined) next();
    else response.type("text/javascript").set("Cache-Control", "no-cache").send(script);
  };
}

function signInMistake(username: string, password: string): string | null {
  if (username === "" || username.length > 100)
    return "Write a user name of up to 100 characters; any will do here.";
  return password === PASSWORD ? null : "That password is not right. In this demo it is “demo”.";
}

/** Only pages of our own are gone back to: no value from outside becomes an address. */
function pageIn(value: unknown): string {
  return typeof value === "string" && Object.hasOwn(PAGES, value) ? value : "/";
}
