/** Starts the app: `npm start`, or `PORT=0 npm start` for any free port. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { memoryStore } from "curfew/server";
import { createApp } from "./app.js";

const { app, sessions } = createApp({
  policy: { idle: "15m", absolute: "12h", warning: "2m" },
  store: memoryStore(), // yours: sqliteStore("curfew.db") from "curfew/server/sqlite"
});

const server = createServer(app);
server.listen(Number(process.env.PORT ?? 3000), "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo;
  console.log(`Notes ready on http://127.0.0.1:${port}`);
});

process.once("SIGTERM", () => {
  server.close();
  server.closeAllConnections();
  void sessions.close();
});
