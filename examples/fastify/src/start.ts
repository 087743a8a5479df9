/** Starts the app: `npm start`, or `PORT=0 npm start` for any free port. */
import { memoryStore } from "curfew/server";
import { createSessionVerifier } from "curfew/server/fastify";
import { createApp } from "./app.js";

const sessions = createSessionVerifier({
  policy: { idle: "15m", absolute: "12h", warning: "2m" },
  store: memoryStore(), // yours: sqliteStore("curfew.db") from "curfew/server/sqlite"
  signInUrl: "/sign-in",
});

const app = createApp(sessions);
console.log(
  `Notes ready on ${await app.listen({ host: "127.0.0.1", port: Number(process.env.PORT ?? 3000) })}`,
);

process.once("SIGTERM", () => {
  void app.close().then(() => sessions.close());
});
