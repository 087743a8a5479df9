/** Who may post to the app's own routes: the same rule as the protocol's, so that no other site can post in a person's name. */
import type { RequestHandler } from "express";

const READS = new Set(["GET", "HEAD", "OPTIONS"]);

/** `Sec-Fetch-Site: same-origin`, or, from a browser too old to send it, our own `Origin`. Everything else is 403. */
export const sameOriginPosts: RequestHandler = (request, response, next) => {
  const site = request.get("Sec-Fetch-Site");
  const own = `${request.protocol}://${request.get("Host") ?? ""}`;
  if (READS.has(request.method) || site === "same-origin") return next();
  if (site === undefined && request.get("Origin") === own) return next();
  const problem = {
    type: "urn:curfew:cross-site",
    title: "The request comes from another site",
    status: 403,
  };
  response.status(403).type("application/problem+json").send(JSON.stringify(problem));
};
