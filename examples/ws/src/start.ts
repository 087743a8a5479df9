/** Starts the app: `npm start`, or `PORT=0 npm start` for any free port. */
import type { AddressInfo } from "node:net";
import { createSessionVerifier, memoryStore } from "curfew/server";
import { createApp } from "./app.js";

const sessions = createSessionVerifier({
  policy: { idle: "15m", absolute: "12h", warning: "2m" },
  store: memoryStore(), // yours: sqliteStore("curfew.db") from "curfew/server/sqlite"
  signInUrl: "/",
});

const server = createApp(sessions);
server.listen(Number(process.env.PORT ?? 3000), "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo;
  console.log(`Chat ready on http://127.0.0.1:${port}`);
});

process.once("SIGTERM", () => {
  server.close();
  server.closeAllConnections();
  void sessions.close();
});
