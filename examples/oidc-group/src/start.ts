/** Starts both apps, mail on port 3000 and crm on 3001: `ISSUER=… CLIENT_SECRET=… npm start`. */
import { createServer } from "node:http";
import { memoryStore } from "curfew/server";
import { createApp } from "./app.js";

const { ISSUER = "", CLIENT_SECRET = "", PORT = "3000", SECOND_PORT = "3001" } = process.env;
const store = memoryStore(); // yours: one Redis, SQLite file or PostgreSQL for all apps
const policy = { idle: "15m", absolute: "12h", warning: "2m" };

const apps = [
  { name: "mail", trusts: ["crm"], port: Number(PORT) },
  { name: "crm", trusts: ["mail"], port: Number(SECOND_PORT) },
];

for (const { name, trusts, port } of apps) {
  const origin = `http://127.0.0.1:${port}`;
  const { app, sessions } = await createApp(
    { name, trusts, issuer: ISSUER, clientId: name, clientSecret: CLIENT_SECRET, origin },
    { policy, store },
  );
  const server = createServer(app);
  server.listen(port, "127.0.0.1", () => console.log(`${name} ready on ${origin}`));
  process.once("SIGTERM", () => {
    server.close();
    server.closeAllConnections();
    void sessions.close();
  });
}
