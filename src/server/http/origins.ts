/** Who may post, and which other origins of the site may read the answers (docs/protocol.md, "Who may post"). */
import { Refusal } from "../platform/errors.js";
import type { WarnOnce } from "../platform/logger.js";
import type { HttpAnswer, HttpHeader, HttpRequest } from "./exchange.js";

export interface OriginRules {
  /** The origin that a post is accepted from. @throws Refusal `cross-site` */
  acceptPost(request: HttpRequest): string;
  /** The headers that let a listed origin read an answer. */
  readHeaders(request: HttpRequest): readonly HttpHeader[];
  /** The answer to a listed origin's preflight, else null. */
  preflight(request: HttpRequest): HttpAnswer | null;
}

/**
 * @param origins the listed origins besides the server's own
 * @param warnOnce told of each origin that is refused, up to ten of them
 */
export function originRules(origins: readonly string[], warnOnce: WarnOnce = () => {}): OriginRules {
  const listed = new Set(origins);
  const noteRefused = refusedOrigins(warnOnce);
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
      // An origin that is not known is empty, and so is a header that says nothing: the two are not alike.
      if (site === null && origin !== null && origin !== "" && origin === request.origin) return origin;
      noteRefused(request);
      throw new Refusal("cross-site", refusalText(origin, request));
    },
    readHeaders,
    preflight(request) {
      if (request.method !== "OPTIONS") return null;
      // A browser that is not answered here never sends the post itself.
      if (listedOrigin(request) === null) {
        if (request.header("access-control-request-method") !== null) noteRefused(request);
        return null;
      }
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

/** Any page of the world can post here: the log names so many origins, and no more. */
const MOST_ORIGINS = 10;

/** Says in the log whose posts are refused, once for each origin: browsers tell the page's developer of it in words of their own. */
function refusedOrigins(warnOnce: WarnOnce): (request: HttpRequest) => void {
  const told = new Set<string>();
  return (request) => {
    const origin = request.header("origin");
    if (origin === null || origin === request.origin || told.size >= MOST_ORIGINS) return;
    const name = shortened(origin);
    told.add(name);
    const last = told.size === MOST_ORIGINS ? " (no more origins are named from here on)" : "";
    const cure = isOrigin(origin)
      ? `if the page is yours, write origins: [${JSON.stringify(name)}] in the options, else nothing is to be done`
      : "a page without an origin of its own (a sandboxed frame, a file) cannot be listed";
    warnOnce(
      `origin ${name}`,
      () => `a call from ${name} was refused, as ${itselfIn(request)}: ${cure}${last}`,
    );
  };
}

/** Whether this is scheme, host and port of an origin, as browsers write it, and nothing more. */
export function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}

function itselfIn({ origin, unknownOrigin }: HttpRequest): string {
  return unknownOrigin === null
    ? `this server takes itself for ${origin}`
    : `this server cannot tell its own origin, as ${unknownOrigin.cause}`;
}

function refusalText(origin: string | null, request: HttpRequest): string {
  const sender = origin === null ? "no origin" : shortened(origin);
  return `This post comes from ${sender}, and ${itselfIn(request)}. If the page is yours, list the page's origin in the option \`origins\`.`;
}

/** An origin as it may stand in a problem and in a log: short, and on one line. */
function shortened(origin: string): string {
  return origin.slice(0, 100).replace(/[^\x21-\x7e]/g, "?");
}
