/** Starts the API: `npm start`, or `PORT=0 npm start` for any free port. */
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { memoryStore } from "curfew/server";
import { createApp } from "./app.js";
import { createSessions } from "./sessions.js";
import { createTokens } from "./tokens.js";

const tokens = createTokens(randomBytes(32), Date.now); // yours: a key that all nodes share
const sessions = createSessions(tokens, {
  policy: { idle: "15m", absolute: "12h", warning: "2m" },
  store: memoryStore(), // yours: sqliteStore("curfew.db") from "curfew/server/sqlite"
});

const server = createServer(createApp(sessions, tokens));
server.listen(Number(process.env.PORT ?? 3000), "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo;
  console.log(`API ready on http://127.0.0.1:${port}`);
});

process.once("SIGTERM", () => {
  server.close();
  server.closeAllConnections();
  void sessions.close();
});
