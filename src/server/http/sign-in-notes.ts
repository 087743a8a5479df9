/** What the log is told, once, of a sign-in whose cookie no browser will keep or send back. */
import type { WarnOnce } from "../platform/logger.js";
import { addressMatcher, readAddress } from "../platform/networks.js";
import type { HttpRequest } from "./exchange.js";

const liesOnLoopback = addressMatcher(["loopback"]);
/** Frames of every kind (Fetch Standard, "destination"). */
const FRAMES = ["iframe", "frame", "embed", "object", "fencedframe"];

/** @param warnOnce of a verifier whose own cookie, with `Secure` and `SameSite=Lax`, is to be set */
export function noteSignIn(warnOnce: WarnOnce, request: HttpRequest): void {
  const plainHost = plainHostOf(request);
  if (plainHost !== null)
    warnOnce(
      "plain http",
      () =>
        `a sign-in came over plain http to ${plainHost}, where browsers keep no Secure cookie: the person comes back to the sign-in page again and again. Serve it over TLS; behind a proxy that ends TLS list it in \`trustProxy\` and let it send X-Forwarded-Proto; for tests alone there is cookie: "plain", with unsafeForTesting: true in the policy`,
    );
  if (isInForeignFrame(request))
    warnOnce(
      "foreign frame",
      () =>
        "a sign-in came from a frame in a page of another site, where browsers keep no SameSite=Lax cookie: the person comes back to the sign-in page again and again. Let the sign-in open in a window of its own, or serve the app from the site of the page around it",
    );
}

/** The host that a browser reached over plain http, where that is not this machine; null where it was https, or may have been. */
function plainHostOf(request: HttpRequest): string | null {
  // Browsers send this over https and to this machine only (Fetch Metadata, section 2).
  if (request.header("sec-fetch-site") !== null) return null;
  const said = [request.header("x-forwarded-proto"), request.header("forwarded"), request.header("referer")];
  if (said.some((text) => text !== null && /https/i.test(text))) return null;
  const page = request.header("origin") ?? request.origin;
  const origins = [page, request.origin]
    .filter((origin) => URL.canParse(origin))
    .map((origin) => new URL(origin));
  if (origins.some(({ protocol }) => protocol !== "http:")) return null;
  const [elsewhere] = origins.filter(({ hostname }) => !isThisMachine(hostname));
  return elsewhere?.host ?? null;
}

/** Where browsers keep `Secure` cookies over plain http too. */
function isThisMachine(hostname: string): boolean {
  if (/(?:^|\.)localhost\.?$/.test(hostname)) return true;
  const address = readAddress(hostname);
  return address !== null && liesOnLoopback(address);
}

/** A form in such a frame posts to its own origin: then only the browser's word on its storage tells. */
function isInForeignFrame(request: HttpRequest): boolean {
  const storage = request.header("sec-fetch-storage-access");
  const isFrame = FRAMES.includes(request.header("sec-fetch-dest") ?? "");
  const isForeign = request.header("sec-fetch-site") === "cross-site";
  return (isFrame && isForeign) || storage === "none" || storage === "inactive";
}
