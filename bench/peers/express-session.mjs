/** express-session as its README shows it, `rolling` so that each request extends the session, over memory or Redis. */
import { createServer } from "node:http";
import { RedisStore } from "connect-redis";
import express from "express";
import session from "express-session";
import { createClient } from "redis";

export async function expressSession({ store, redis }) {
  const app = express();
  const kept =
    store === "redis"
      ? { store: new RedisStore({ client: await createClient({ url: redis }).connect() }) }
      : {};
  app.use(session({ secret: "measured", resave: false, saveUninitialized: false, rolling: true, ...kept }));
  app.post("/sign-in", (request, response) => {
    request.session.subject = "somebody";
    response.end();
  });
  app.get("/plain", (_request, response) => response.end("plain"));
  app.get(["/touch", "/guarded"], (request, response) => {
    if (request.session.subject === undefined) response.statusCode = 401;
    response.end("guarded");
  });
  return createServer(app);
}
