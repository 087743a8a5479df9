/** An Express app whose forms carry tokens of csrf-csrf, bound to the session of express-session, which a sign-in makes anew. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import cookieParser from "cookie-parser";
import { doubleCsrf } from "csrf-csrf";
import { createSessionVerifier, memoryStore } from "curfew/server";
import express, { type NextFunction, type Request, type Response } from "express";
import session from "express-session";

/** No text becomes markup here, so that nothing can be parsed by the page's scripts. */
const STRICT = "default-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'";

export interface CsrfApp {
  readonly url: string;
  /** What the guarded address has taken. */
  readonly saved: readonly string[];
  close(): Promise<void>;
}

/** `GET /enter` signs in and leads to the form at `/claim`; `POST /claim` takes it. `?scripts=` names what the form's page loads. */
export async function openCsrfApp(policy: {
  readonly idle: string;
  readonly warning: string;
}): Promise<CsrfApp> {
  const saved: string[] = [];
  const sessions = createSessionVerifier({
    policy: { ...policy, absolute: "1h", unsafeForTesting: true },
    store: memoryStore(),
    signInUrl: "/login",
    cookie: "plain",
    logger: { info: () => {}, warn: () => {}, error: console.error },
  });
  const { generateCsrfToken, doubleCsrfProtection } = doubleCsrf({
    getSecret: () => "a secret of the tests",
    getSessionIdentifier: ({ session: { id } }) => id,
    getCsrfTokenFromRequest: ({ body }) => body?._csrf,
    cookieName: "csrf",
    cookieOptions: { secure: false },
  });
  const app = express();
  app.use(sessions.routes());
  app.use(cookieParser());
  app.use(session({ secret: "another", resave: false, saveUninitialized: true }));
  app.get("/enter", async (request, response) => {
    await new Promise((done) => request.session.regenerate(done));
    await sessions.start(request, response, { subject: "ann" });
    response.redirect(303, "/claim");
  });
  app.use("/claim", sessions.guard());
  app.get(["/claim", "/claim/moved"], (request, response) => {
    const { scripts = "curfew curfew-drafts", from = "" } = request.query;
    const token = generateCsrfToken(request, response);
    const sources = String(scripts)
      .split(" ")
      .map((name) => `<script src="/curfew/${name}.js" data-csrf-from="${from}" defer></script>`);
    response.set("content-security-policy", STRICT).send(`<!doctype html><html lang="en"><title>Claim</title>
<meta name="csrf-token" content="${token}"><meta name="mine" data-curfew-csrf content="${request.session.id}">
${sources.join("")}
<form method="post" action="/claim"><input type="hidden" name="_csrf" value="${token}">
<input name="story" aria-label="story"><button name="how" value="pressed">Save</button></form>
<form method="post" action="/claim/other"><input type="hidden" name="authenticity_token" value="other ${token}"></form>
<form method="post" action="/claim/third"><input type="hidden" name="authenticity_token" value="third ${token}"></form>`);
  });
  app.get("/claim/away", (_request, response) => response.redirect(303, "/login"));
  app.get("/login", (_request, response) => {
    response.send(
      '<!doctype html><title>Sign in</title><input type="hidden" name="_csrf" value="of the sign-in">',
    );
  });
  app.post("/claim", express.urlencoded({ extended: false }), doubleCsrfProtection, (request, response) => {
    saved.push(`${request.body.story} ${request.body.how}`);
    response.send("<!doctype html><title>Saved</title><h1>Saved</h1>");
  });
  // Without it Express prints each refusal.
  app.use((_error: unknown, _request: Request, response: Response, _next: NextFunction) => {
    response.status(403).send("<!doctype html><title>Refused</title>");
  });
  const server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    saved,
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      await sessions.close();
    },
  };
}
