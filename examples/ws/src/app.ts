/** A chat: Curfew's calls, signing in, and one server for pages, a WebSocket and an event stream. Start reading here. */
import { createServer, type Server } from "node:http";
import { fileURLToPath } from "node:url";
import type { SessionVerifier } from "curfew/server";
import express from "express";
import { createRoom } from "./room.js";
import { acceptSockets } from "./sockets.js";
import { streamEvents } from "./stream.js";

const PUBLIC = fileURLToPath(new URL("../public", import.meta.url));

export function createApp(sessions: SessionVerifier): Server {
  const room = createRoom();
  const app = express().disable("x-powered-by");
  app.use(sessions.routes()); // before any body parser
  app.use(express.static(PUBLIC), express.json({ limit: "16kb" }));

  app.post("/sign-in", async (request, response) => {
    const { name, password }: { name?: unknown; password?: unknown } = Object(request.body);
    // Yours: look the person up, compare a hash, slow guessing down.
    if (typeof name !== "string" || name === "" || password !== "demo") return response.status(401).end();
    await sessions.start(request, response, { subject: name });
    return response.status(204).end();
  });

  app.get("/events", streamEvents(sessions, room));

  const server = createServer(app);
  acceptSockets(server, sessions, room);
  return server;
}
