/**
 * The WebSocket: opened for a live session only, and closed with 4401 when that session ends, wherever it was ended; with
 * 1013 where the deadline comes and the store is away: nobody can say then that it has ended, and nobody that it lives.
 * Frames and pings never extend a session.
 */
import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { SessionEndedError, type SessionVerifier } from "curfew/server";
import { type RawData, type WebSocket, WebSocketServer } from "ws";
import type { Room } from "./room.js";

/** What the page takes for the end of the session; 4000 to 4999 are the app's own codes (RFC 6455, 7.4.2). */
const SESSION_ENDED = 4401;
const TRY_AGAIN_LATER = 1013;

const REASONS: Readonly<Record<number, string>> = {
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  503: "Service Unavailable",
};

export function acceptSockets(server: Server, sessions: SessionVerifier, room: Room): void {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 16 * 1024 });
  server.on("upgrade", (request, stream, head) => {
    stream.on("error", () => stream.destroy());
    void admit(request, stream, head);
  });

  async function admit(request: IncomingMessage, stream: Duplex, head: Buffer): Promise<void> {
    if (request.url !== "/chat") return refuse(stream, 404);
    // A WebSocket is open to every site and brings the cookie along: only its Origin tells whose page it is.
    if (!isOwnPage(request)) return refuse(stream, 403);
    const found = await sessions.check(request);
    if (found.status !== "active") return refuse(stream, found.problem.status);
    const { session, signal } = found;
    sockets.handleUpgrade(request, stream, head, (socket) => serve(request, socket, session.subject, signal));
  }

  function serve(request: IncomingMessage, socket: WebSocket, subject: string, signal: AbortSignal): void {
    const leave = room.join((text) => socket.send(text));
    const close = (code: number, reason: string) => {
      leave(); // first, so that nothing is sent after the end
      socket.close(code, reason);
    };
    const end = () => close(SESSION_ENDED, "session ended");
    const tryLater = () => close(TRY_AGAIN_LATER, "try again later");
    const aborted = () => {
      const isKnown = signal.reason instanceof SessionEndedError && signal.reason.reason !== null;
      if (isKnown) end();
      else tryLater();
    };
    signal.addEventListener("abort", aborted, { once: true });
    if (signal.aborted) aborted();
    socket.on("message", (data) => void hear(data));
    socket.on("error", () => {}); // "close" follows
    socket.on("close", () => {
      leave();
      signal.removeEventListener("abort", aborted);
    });

    async function hear(data: RawData): Promise<void> {
      // Each message is an act, so it is decided anew, to the millisecond. Asking extends nothing.
      const { status } = await sessions.check(request);
      if (status === "active") room.say(subject, String(data));
      else if (status === "unavailable") tryLater();
      else end();
    }
  }
}

function isOwnPage({ headers: { origin = "", host } }: IncomingMessage): boolean {
  return URL.canParse(origin) && new URL(origin).host === host;
}

function refuse(stream: Duplex, status: number): void {
  stream.end(
    `HTTP/1.1 ${status} ${REASONS[status] ?? "Refused"}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
  );
}
