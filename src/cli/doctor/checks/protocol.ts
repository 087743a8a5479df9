/** Whether the protocol's calls reach the verifier as they were sent, and its answers come back as they were given. */

import { encodeBase64url } from "../../../protocol/base64url.js";
import { encodeSigningInput } from "../../../protocol/compact-jws.js";
import { HEARTBEAT_TYP, INPUT_KINDS } from "../../../protocol/heartbeat.js";
import { KEY_TYP, SIGNATURE_ALG } from "../../../protocol/key-binding.js";
import { likelyCause } from "../../../protocol/likely-cause.js";
import { PROTOCOL_VERSION } from "../../../protocol/version.js";
import { randomText } from "../../../server/platform/secrets.js";
import { type Answer, askedOf, gotOf, isProblem, jsonOf, problemOf } from "../http/answer.js";
import { SCRIPT, type Site } from "../site.js";
import { sentence } from "./base.js";

/** How far this machine's clock may be from the server's, in milliseconds. */
const CLOCK_TOLERANCE = 60_000;

/** Two questions: an answer to another one is a cache's. */
export async function checkAnswers(site: Site, base: string, now: () => number): Promise<void> {
  for (let question = 0; question < 2; question++) {
    const ask = randomText(9);
    const answer = await site.ask(`${base}/session?ask=${ask}`, { headers: SCRIPT });
    const { asked } = Object(jsonOf(answer)) as { readonly asked?: unknown };
    if (asked !== ask && answer.status === 200)
      site.foundIn("answer-cached", answer, { got: "an answer to another question, from a cache" });
    else if (!saysNoStore(answer)) site.foundIn("no-store-lost", answer, { got: cacheControlOf(answer) });
    checkClock(site, answer, now());
  }
}

export const saysNoStore = (answer: Answer): boolean =>
  /(?:^|,)\s*no-store\s*(?:,|$)/i.test(answer.header("cache-control") ?? "");

export const cacheControlOf = (answer: Answer): string =>
  `${answer.status} with ${answer.header("cache-control") === null ? "no Cache-Control" : `Cache-Control: ${answer.header("cache-control")}`}`;

function checkClock(site: Site, answer: Answer, now: number): void {
  const date = Date.parse(answer.header("date") ?? "");
  const apart = Math.abs(now - date);
  if (apart > CLOCK_TOLERANCE)
    site.foundIn("clock-apart", answer, {
      got: `a Date that is ${Math.round(apart / 1000)} s ${date > now ? "ahead of" : "behind"} this machine's clock`,
    });
}

/** The posts of a browser: well formed, of a session that is not there, so that nothing comes of them. */
export async function checkPosts(site: Site, base: string): Promise<void> {
  const posts = [
    ["key", { binding: madeUpBinding(site.url.origin) }],
    ["heartbeat", { heartbeat: madeUpHeartbeat(site.url.origin) }],
  ] as const;
  for (const [path, body] of posts) {
    const answer = await post(site, `${base}/${path}`, JSON.stringify(body), SCRIPT);
    if (isRefusedElsewhere(site, answer)) continue;
    if (path === "key") await checkOwnOrigin(site, answer.url.pathname, JSON.stringify(body));
    if (path === "key") await checkBodyParser(site, answer.url.pathname);
  }
}

function post(site: Site, path: string, body: string, headers: Readonly<Record<string, string>>) {
  return site.ask(path, {
    method: "POST",
    headers: {
      ...headers,
      "content-type": "application/json",
      origin: site.url.origin,
      ...(site.cookie === null ? {} : { cookie: site.cookie }),
    },
    body,
  });
}

/** Whether somebody else answers, or Curfew cannot tell that the post is its own page's. */
function isRefusedElsewhere(site: Site, answer: Answer): boolean {
  if (isProblem(answer, "unavailable")) site.foundIn("store-away", answer);
  else if (isProblem(answer, "cross-site")) site.foundIn("own-origin-unknown", answer);
  else if (problemOf(answer)?.code === "body-consumed") site.foundIn("body-parser-first", answer);
  else if (problemOf(answer) !== null) return false;
  else
    site.foundIn("post-refused", answer, {
      cause: sentence(likelyCause(answer.failure?.type ?? answer.status ?? "network")),
    });
  return true;
}

/** Browsers that do not say `Sec-Fetch-Site`: the origin is compared with what the server takes itself for. */
async function checkOwnOrigin(site: Site, path: string, body: string): Promise<void> {
  const answer = await post(site, path, body, { accept: "*/*" });
  if (isProblem(answer, "cross-site")) site.foundIn("own-origin-unknown", answer);
}

/** Curfew says of broken JSON what it says of nothing else; a parser before it never lets it come so far. */
async function checkBodyParser(site: Site, path: string): Promise<void> {
  const answer = await post(site, path, '{"binding":', SCRIPT);
  if (problemOf(answer) === null)
    site.found("body-parser-first", {
      asked: `${askedOf(answer)} with broken JSON`,
      got: gotOf(answer),
    });
}

/** As browsers ask before a page of another origin may post. */
export async function checkOrigin(site: Site, base: string, origin: string): Promise<void> {
  const headers = { ...SCRIPT, "sec-fetch-site": "same-site", origin };
  const preflight = await site.ask(`${base}/key`, {
    method: "OPTIONS",
    headers: {
      ...headers,
      "access-control-request-method": "POST",
      "access-control-request-headers": "content-type",
    },
  });
  const answer = await site.ask(`${base}/session?ask=${randomText(9)}`, { headers });
  const refused = [preflight, answer].find((one) => !letsRead(one, origin));
  const isOpen = preflight.status !== null && preflight.status >= 200 && preflight.status < 300;
  const takesJson = /(?:^|,)\s*content-type\s*(?:,|$)/i.test(
    preflight.header("access-control-allow-headers") ?? "",
  );
  const told = refused ?? (isOpen && takesJson ? undefined : preflight);
  if (told === undefined) return;
  const allowed = told.header("access-control-allow-origin");
  site.found(allowed === null ? "origin-not-listed" : "cors-layer", {
    asked: `${askedOf(told)} from a page of ${origin}`,
    got: `${told.status ?? "no answer"}, ${allowed === null ? "no Access-Control-Allow-Origin" : `Access-Control-Allow-Origin: ${allowed}, Access-Control-Allow-Credentials: ${told.header("access-control-allow-credentials") ?? "none"}, Access-Control-Allow-Headers: ${told.header("access-control-allow-headers") ?? "none"}`}`,
  });
}

function letsRead(answer: Answer, origin: string): boolean {
  return (
    answer.header("access-control-allow-origin") === origin &&
    answer.header("access-control-allow-credentials") === "true"
  );
}

const NOBODYS = { sid: "curfew-doctor", nonce: "curfew-doctor" };
const COORDINATE = encodeBase64url(new Uint8Array(32).fill(1));

function madeUpBinding(aud: string): string {
  const jwk = { kty: "EC", crv: "P-256", x: COORDINATE, y: COORDINATE };
  return unsigned({ alg: SIGNATURE_ALG, typ: KEY_TYP, jwk }, { v: PROTOCOL_VERSION, aud, ...NOBODYS });
}

function madeUpHeartbeat(aud: string): string {
  const counts = Object.fromEntries(INPUT_KINDS.map((kind) => [kind, 0]));
  return unsigned(
    { alg: SIGNATURE_ALG, typ: HEARTBEAT_TYP, kid: COORDINATE },
    { v: PROTOCOL_VERSION, aud, ...NOBODYS, activeAt: 0, intent: "activity", counts, automated: true },
  );
}

/** In the form of a signed message; the signature is of nobody. */
const unsigned = (header: unknown, payload: unknown): string =>
  `${encodeSigningInput(header, payload)}.${encodeBase64url(new Uint8Array(64))}`;
