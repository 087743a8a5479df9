/** Who may post, and which other origins of the site may read the answers (docs/protocol.md, "Who may post"). */
import { Refusal } from "../platform/errors.js";
import type { HttpAnswer, HttpHeader, HttpRequest } from "./exchange.js";

export interface OriginRules {
  /** The origin that a post is accepted from. @throws Refusal `cross-site` */
  acceptPost(request: HttpRequest): string;
  /** The headers that let a listed origin read an answer. */
  readHeaders(request: HttpRequest): readonly HttpHeader[];
  /** The answer to a listed origin's preflight, else null. */
  preflight(request: HttpRequest): HttpAnswer | null;
}

/** @param origins the listed origins besides the server's own */
export function originRules(origins: readonly string[]): OriginRules {
  const listed = new Set(origins);
  const listedOrigin = (request: HttpRequest): string | null => {
    const origin = request.header("origin");
    return origin !== null && listed.has(origin) ? origin : null;
  };
  const readHeaders = (request: HttpRequest): readonly HttpHeader[] => {
    if (listed.size === 0) return [];
    const origin = listedOrigin(request);
    if (origin === null) return [["Vary", "Origin"]];
    return [
      ["Vary", "Origin"],
      ["Access-Control-Allow-Origin", origin],
      ["Access-Control-Allow-Credentials", "true"],
      ["Access-Control-Expose-Headers", "Retry-After, WWW-Authenticate"],
    ];
  };
  return {
    acceptPost(request) {
      const origin = request.header("origin");
      const site = request.header("sec-fetch-site");
      if (site === "same-origin") return origin ?? request.origin;
      const fromListed = listedOrigin(request);
      if (fromListed !== null) return fromListed;
      if (site === null && origin !== null && origin === request.origin) return origin;
      throw new Refusal("cross-site", refusalText(origin, request));
    },
    readHeaders,
    preflight(request) {
      if (request.method !== "OPTIONS" || listedOrigin(request) === null) return null;
      return {
        status: 204,
        headers: [
          ...readHeaders(request),
          ["Access-Control-Allow-Methods", "GET, POST"],
          ["Access-Control-Allow-Headers", "Content-Type"],
          ["Access-Control-Max-Age", "600"],
        ],
        body: null,
      };
    },
  };
}

function refusalText(origin: string | null, { origin: own, unknownOrigin }: HttpRequest): string {
  const sender = origin === null ? "no origin" : shortened(origin);
  const itself =
    unknownOrigin === null
      ? `this server takes itself for ${own}`
      : `this server cannot tell its own origin, as ${unknownOrigin.cause}`;
  return `This post comes from ${sender}, and ${itself}. If the page is yours, list the page's origin in the option \`origins\`.`;
}

/** An origin as it may stand in a problem and in a log: short, and on one line. */
function shortened(origin: string): string {
  return origin.slice(0, 100).replace(/[^\x21-\x7e]/g, "?");
}
