/** Starts the app: `npm start`, or `PORT=0 npm start` for any free port. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { memoryStore } from "curfew/server";
import session from "express-session";
import { createApp } from "./app.js";
import { createSessions } from "./sessions.js";

const ownStore = new session.MemoryStore(); // yours: the store that your app has
const sessions = createSessions(ownStore, {
  policy: { idle: "15m", absolute: "12h", warning: "2m" },
  store: memoryStore(), // yours: sqliteStore("curfew.db") from "curfew/server/sqlite"
  // adoptUntil: "2030-01-31" lets whoever is signed in on the day you add Curfew stay signed in
});

const server = createServer(createApp(sessions, ownStore));
server.listen(Number(process.env.PORT ?? 3000), "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo;
  console.log(`Notes ready on http://127.0.0.1:${port}`);
});

process.once("SIGTERM", () => {
  server.close();
  server.closeAllConnections();
  void sessions.close();
});
