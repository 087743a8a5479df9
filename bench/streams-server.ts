/** The measured node: a verifier with a memory store, told over its IPC channel what to do and asked what it costs. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createSessionVerifier, memoryStore } from "../src/server/index.js";

const sids: string[] = [];
const sessions = createSessionVerifier({
  policy: { idle: "15m", absolute: "12h" },
  store: memoryStore(),
  signInUrl: "/start",
  limits: { streams: 20_000 },
  onEvent({ type, sid }) {
    if (type === "session_created" && typeof sid === "string") sids.push(sid);
  },
});
const routes = sessions.routes();
const server = createServer((request, response) => {
  routes(request, response, () => {
    const started = sessions.start(request, response, { subject: `person ${sids.length}` });
    void started.then(() => response.end());
  });
});

process.on("message", async (message) => {
  if (message === "cost") {
    globalThis.gc?.();
    const { user, system } = process.cpuUsage();
    process.send?.({ memory: process.memoryUsage().rss, cpu: (user + system) / 1_000 });
  }
  if (message === "end") await Promise.all(sids.map((sid) => sessions.end(sid)));
});

server.listen(0, "127.0.0.1", 4_096, () => {
  process.send?.({ port: (server.address() as AddressInfo).port });
});
