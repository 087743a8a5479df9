/** Which page may call, and read the answers: the one listed origin, with its cookie. */
import type { RequestHandler } from "express";

export function cors(pageOrigin: string): RequestHandler {
  return (request, response, next) => {
    response.vary("Origin");
    const listed = request.get("Origin") === pageOrigin;
    if (listed)
      response.set({
        "Access-Control-Allow-Origin": pageOrigin,
        "Access-Control-Allow-Credentials": "true",
        "Access-Control-Allow-Headers": "Content-Type",
      });
    if (listed && request.method === "OPTIONS") response.status(204).end();
    else if (listed || request.method === "GET") next();
    else response.status(403).type("text").send("This was sent from another site.");
  };
}
