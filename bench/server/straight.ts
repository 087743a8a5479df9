/**
 * The limit: what the protocol asks of a server for one heartbeat, in a straight line and with nothing around it. The same
 * reading, the same checks in the same order, the same hashes and as many bytes; no store behind a promise, no deadline for
 * its answers, no rules of a policy, no trail, no other paths. What Curfew costs beyond it is what it is built of.
 */
import { createPublicKey, hash, type JsonWebKey, type KeyObject, randomBytes, verify } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { parseCanonicalJson } from "../../src/protocol/compact-jws.js";
import { parseHeartbeat } from "../../src/protocol/heartbeat.js";
import { parseKeyBinding } from "../../src/protocol/key-binding.js";
import { acceptReport, deadlinesOf } from "../../src/session/deadlines.js";

interface Kept {
  readonly sid: string;
  readonly key: KeyObject | null;
  readonly nonce: string;
  readonly lastHeartbeat: string | null;
  readonly authenticatedAt: number;
  readonly lastActiveAt: number;
  readonly lastInputAt: number;
  readonly idleTimeout: number;
  readonly absoluteTimeout: number;
}

const sessions = new Map<string, Kept>();
const MINUTE = 60_000;
/** What a status says besides. */
const REST = {
  v: 1,
  accepts: [1],
  name: "curfew",
  status: "active",
  warningPeriod: 2 * MINUTE,
  heartbeatInterval: MINUTE,
  canExtend: true,
  signInUrl: "/sign-in",
  policy: "x".repeat(200),
};

const sha256 = (text: string | Uint8Array): string => hash("sha256", text, "base64url");

function bodyOf(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => resolve(Buffer.concat(chunks)));
  });
}

function answer(response: ServerResponse, { key: _, ...kept }: Kept): void {
  const text = JSON.stringify({ ...REST, ...kept, ...deadlinesOf(kept), now: Date.now() });
  response.setHeader("Content-Type", "application/json");
  response.setHeader("Cache-Control", "no-store");
  response.end(text);
}

function accept(secretHash: string, kept: Kept, jws: string): Kept {
  const now = Date.now();
  const { header, payload, signingInput, signature } = parseHeartbeat(jws);
  const { key } = kept;
  const isGood =
    key !== null &&
    now < deadlinesOf(kept).expiresAt &&
    payload.sid === kept.sid &&
    payload.nonce === kept.nonce &&
    header.alg === "ES256" &&
    verify("sha256", Buffer.from(signingInput), { key, dsaEncoding: "ieee-p1363" }, signature);
  if (!isGood) throw new Error("the heartbeat is not acceptable");
  const claim = { activeAt: payload.activeAt, isMediaAlone: false, now, mediaPeriod: 0 };
  const random = randomBytes(32);
  const next = {
    ...kept,
    ...acceptReport(kept, claim),
    nonce: sha256(Buffer.concat([Buffer.from(jws), random])),
    lastHeartbeat: sha256(jws),
  };
  sessions.set(secretHash, next);
  return next;
}

function bind(secretHash: string, kept: Kept, jws: string): Kept {
  const { jwk } = parseKeyBinding(jws);
  const key = createPublicKey({ key: { ...jwk } as JsonWebKey, format: "jwk" });
  const next = { ...kept, key };
  sessions.set(secretHash, next);
  return next;
}

function begin(response: ServerResponse): void {
  const secret = randomBytes(32).toString("base64url");
  const now = Date.now();
  sessions.set(sha256(secret), {
    sid: randomBytes(18).toString("base64url"),
    key: null,
    nonce: randomBytes(32).toString("base64url"),
    lastHeartbeat: null,
    authenticatedAt: now,
    lastActiveAt: now,
    lastInputAt: now,
    idleTimeout: 15 * MINUTE,
    absoluteTimeout: 720 * MINUTE,
  });
  response.setHeader("Set-Cookie", `curfew=${secret}; Path=/; HttpOnly; SameSite=Lax`).end();
}

export function straight(): Server {
  return createServer(async (request, response) => {
    if (request.url?.startsWith("/sign-in")) return begin(response);
    if (request.headers["sec-fetch-site"] !== "same-origin") return response.writeHead(403).end();
    const [, secret = ""] = /(?:^|; )curfew=([^;]*)/.exec(request.headers.cookie ?? "") ?? [];
    const secretHash = sha256(secret);
    const kept = sessions.get(secretHash);
    if (kept === undefined) return response.writeHead(401).end();
    if (request.method === "GET") return answer(response, kept);
    const body = parseCanonicalJson(await bodyOf(request)) as { heartbeat?: string; binding?: string };
    const isKey = request.url === "/curfew/key";
    answer(
      response,
      (isKey ? bind : accept)(secretHash, kept, (isKey ? body.binding : body.heartbeat) ?? ""),
    );
  });
}
