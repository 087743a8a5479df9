/** Starts the API: `npm run api`, or `PORT=0 npm run api` for any free port. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createSessionVerifier, memoryStore } from "curfew/server";
import { createApp } from "./app.js";
import { policyFrom } from "./policy.js";

const { PAGE_ORIGIN: pageOrigin = "http://127.0.0.1:5173", PORT: port = "3001" } = process.env;

const sessions = createSessionVerifier({
  policy: policyFrom(process.env),
  store: memoryStore(), // yours: sqliteStore("curfew.db") from "curfew/server/sqlite"
  signInUrl: pageOrigin,
  origins: [pageOrigin],
});

const server = createServer(createApp(sessions, pageOrigin));
server.listen(Number(port), "127.0.0.1", () => {
  const { port: chosen } = server.address() as AddressInfo;
  console.log(`API ready on http://127.0.0.1:${chosen}, for the page on ${pageOrigin}`);
});

process.once("SIGTERM", () => {
  server.close();
  server.closeAllConnections();
  void sessions.close();
});
