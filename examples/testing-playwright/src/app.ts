/** The app under test: a sign-in, a page that asks its API every second, a guard. The session's times come from outside. */
import { createSessionVerifier, type SessionVerifierOptions } from "curfew/server";
import express, { type Express } from "express";

export function createApp(policy: SessionVerifierOptions["policy"]): Express {
  const sessions = createSessionVerifier({ policy, signInUrl: "/login" });
  const app = express();
  app.use(sessions.routes());

  app.get("/login", (_request, response) => {
    response.type("html").send(page('<form method="post"><button>Sign in</button></form>'));
  });

  // Yours: look the person up, compare a hash, slow guessing down.
  app.post("/login", async (request, response) => {
    await sessions.start(request, response, { subject: "ann" });
    response.redirect(303, "/");
  });

  app.get("/", sessions.guard({ page: true }), (_request, response) => {
    const body = "<h1>Notes</h1><label>Note <textarea></textarea></label><output></output>";
    response.type("html").send(page(`${body}<script src="/poll.js" defer></script>`));
  });

  app.get("/poll.js", (_request, response) => {
    response.type("js").send(POLLER);
  });

  app.get("/api/notes", sessions.guard(), (_request, response) => {
    response.json(["Buy milk"]);
  });
  return app;
}

const page = (body: string) => `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Notes</title><script src="/curfew/curfew.js" defer></script></head>
<body>${body}</body>
</html>`;

const POLLER = `
  let count = 0;
  setInterval(async () => {
    const answer = await fetch("/api/notes");
    await Curfew.session.read(answer);
    document.querySelector("output").textContent = answer.status + " after " + ++count + " requests";
  }, 1000);
`;
