/**
 * Starts the app: `npm start`, or `PORT=0 npm start` for any free port. With AUTH_ISSUER, AUTH_CLIENT_ID and
 * AUTH_CLIENT_SECRET of an OpenID Connect provider the sessions are in a database.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { memoryStore } from "curfew/server";
import { createApp } from "./app.js";
import { memoryAdapter, withPassword, withProvider } from "./own.js";

const {
  AUTH_ISSUER: issuer,
  AUTH_CLIENT_ID: clientId = "",
  AUTH_CLIENT_SECRET: clientSecret = "",
} = process.env;
const own = issuer ? withProvider({ issuer, clientId, clientSecret }, memoryAdapter()) : withPassword();
const { app, sessions } = createApp(own, {
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
