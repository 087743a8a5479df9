/** Starts the app: `ISSUER=… CLIENT_ID=… CLIENT_SECRET=… npm start`. */
import { createServer } from "node:http";
import { memoryStore } from "curfew/server";
import { createApp } from "./app.js";

const { ISSUER = "", CLIENT_ID = "notes", CLIENT_SECRET = "", PORT = "3000" } = process.env;
const origin = process.env.ORIGIN ?? `http://127.0.0.1:${PORT}`;

const { app, sessions } = await createApp(
  { issuer: ISSUER, clientId: CLIENT_ID, clientSecret: CLIENT_SECRET, origin },
  {
    policy: { idle: "15m", absolute: "12h", warning: "2m" },
    store: memoryStore(), // yours: sqliteStore("curfew.db") from "curfew/server/sqlite"
  },
);

const server = createServer(app);
server.listen(Number(PORT), "127.0.0.1", () => console.log(`Notes ready on ${origin}`));

process.once("SIGTERM", () => {
  server.close();
  server.closeAllConnections();
  void sessions.close();
});
