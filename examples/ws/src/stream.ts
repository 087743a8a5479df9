/** The event stream (SSE): it says `curfew-end` and closes when the session ends, wherever it was ended. */
import type { SessionVerifier } from "curfew/server";
import type { RequestHandler } from "express";
import type { Room } from "./room.js";

export function streamEvents(sessions: SessionVerifier, room: Room): RequestHandler {
  return async (request, response) => {
    const found = await sessions.check(request);
    // An EventSource that is refused does not try again by itself.
    if (found.status !== "active")
      return response.status(found.problem.status).type("application/problem+json").json(found.problem);
    const { signal } = found;
    response.set({ "Content-Type": "text/event-stream", "Cache-Control": "no-store" }).flushHeaders();
    const leave = room.join((text) => response.write(`data: ${JSON.stringify(text)}\n\n`));
    const end = () => {
      leave();
      response.end("event: curfew-end\ndata: {}\n\n");
    };
    signal.addEventListener("abort", end, { once: true });
    if (signal.aborted) end();
    response.on("close", () => {
      leave();
      signal.removeEventListener("abort", end);
    });
    return response;
  };
}
