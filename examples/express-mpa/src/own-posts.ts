/** Forms are taken from the app's own pages only. */
import type { RequestHandler } from "express";

/** Browsers say where a post comes from: in `Sec-Fetch-Site`, and those too old for it in `Origin`. */
export const ownPosts: RequestHandler = (request, response, next) => {
  const own = `${request.protocol}://${request.host}`;
  const site = request.get("Sec-Fetch-Site") ?? (request.get("Origin") === own ? "same-origin" : "unknown");
  if (request.method === "GET" || request.method === "HEAD" || site === "same-origin") next();
  else response.status(403).type("text").send("This form was sent from another site.");
};
