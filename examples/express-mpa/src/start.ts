/** Starts the app: `npm start`, or `PORT=0 npm start` for any free port. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createSessionVerifier, memoryStore } from "curfew/server";
import { createApp } from "./app.js";
import { policyFrom } from "./policy.js";

const sessions = createSessionVerifier({
  policy: policyFrom(process.env),
  store: memoryStore(), // yours: sqliteStore("curfew.db") from "curfew/server/sqlite"
  signInUrl: "/sign-in",
});

const server = createServer(createApp(sessions, process.env));
server.listen(Number(process.env.PORT ?? 3000), "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo;
  console.log(`Appointments ready on http://127.0.0.1:${port}`);
});

process.once("SIGTERM", () => {
  server.close();
  server.closeAllConnections();
  void sessions.close();
});
