/** Starts the app: with times for people, or with `SHORT_TIMES=1` for tests that cannot wait. */
import type { AddressInfo } from "node:net";
import { createApp } from "./app.js";

const short = process.env.SHORT_TIMES === "1";
const policy = short
  ? { idle: "6s", absolute: "1m", warning: "3s", unsafeForTesting: true }
  : { idle: "15m", absolute: "12h" };

const server = createApp(policy).listen(Number(process.env.PORT ?? 3000), "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo;
  console.log(`Ready on http://127.0.0.1:${port}`);
});
