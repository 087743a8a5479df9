/** Starts the app: `npm start`, or `PORT=0 npm start` for any free port. */
import { serve } from "@hono/node-server";
import { memoryStore } from "curfew/server";
import { createSessionVerifier } from "curfew/server/hono";
import { createApp } from "./app.js";

const sessions = createSessionVerifier({
  policy: { idle: "15m", absolute: "12h", warning: "2m" },
  store: memoryStore(), // yours: sqliteStore("curfew.db") from "curfew/server/sqlite"
  signInUrl: "/sign-in",
});

const options = {
  fetch: createApp(sessions).fetch,
  hostname: "127.0.0.1",
  port: Number(process.env.PORT ?? 3000),
};
const server = serve(options, ({ port }) => console.log(`Notes ready on http://127.0.0.1:${port}`));

process.once("SIGTERM", () => {
  server.close();
  void sessions.close();
});
