/** Starts both apps, mail on `PORT` and crm on the next one: `ISSUER=… CLIENT_SECRET=… npm start`. */
import { createServer } from "node:http";
import { sqliteStore } from "curfew/server/sqlite";
import { createApp } from "./app.js";

const { ISSUER = "", CLIENT_SECRET = "", PORT = "3000", DATABASE = "curfew.db" } = process.env;
const policy = { idle: "15m", absolute: "12h", warning: "2m" };

const apps = [
  { name: "mail", trusts: ["crm"], port: Number(PORT) },
  { name: "crm", trusts: ["mail"], port: Number(PORT) + 1 },
];

for (const { name, trusts, port } of apps) {
  const origin = `http://127.0.0.1:${port}`;
  const { app, sessions } = await createApp(
    { name, trusts, issuer: ISSUER, clientId: name, clientSecret: CLIENT_SECRET, origin },
    { policy, store: sqliteStore(DATABASE) }, // yours: one Redis for all of them
  );
  const server = createServer(app);
  server.listen(port, "127.0.0.1", () => console.log(`${name} ready on ${origin}`));
  process.once("SIGTERM", () => {
    server.close();
    server.closeAllConnections();
    void sessions.close();
  });
}
