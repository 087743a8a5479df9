/** Starts the app: `npm start`, or `PORT=3001 npm start`. */
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { memoryStore } from "curfew/server";
import { createApp } from "./app.js";
import { createAuth } from "./auth.js";
import { createSessions } from "./sessions.js";

const port = Number(process.env.PORT ?? 3000);
const url = `http://127.0.0.1:${port}`;
const auth = createAuth({ url, secret: process.env.BETTER_AUTH_SECRET ?? randomBytes(32).toString("hex") });
const sessions = createSessions(auth, {
  policy: { idle: "15m", absolute: "12h", warning: "2m" },
  store: memoryStore(), // yours: sqliteStore("curfew.db") from "curfew/server/sqlite"
  // adoptUntil: "2030-01-31" lets whoever is signed in on the day you add Curfew stay signed in
});

const server = createServer(createApp(sessions, auth));
server.listen(port, "127.0.0.1", () => console.log(`Notes ready on ${url}`));

process.once("SIGTERM", () => {
  server.close();
  server.closeAllConnections();
  void sessions.close();
});
