/**
 * The limit: what the protocol asks of a server for one heartbeat, in a straight line and with nothing around it. The same
 * reading, the same checks in the same order, the same hashes and as many bytes; no deadline for a store's answers, no rules of
 * a policy, no other paths. What Curfew costs beyond it is what it is built of.
 */
import { createPublicKey, hash, type JsonWebKey, type KeyObject, randomBytes, verify } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { parseCanonicalJson } from "../../src/protocol/compact-jws.js";
import { parseHeartbeat } from "../../src/protocol/heartbeat.js";
import { parseKeyBinding } from "../../src/protocol/key-binding.js";
import { acceptReport, deadlinesOf } from "../../src/session/deadlines.js";
import type { Setting } from "./apps.js";
import { type Keeper, type Kept, keeperOf } from "./straight-keepers.js";

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

/** Public keys that have been read before, by their text. */
const keys = new Map<string, KeyObject>();

function answer(response: ServerResponse, { jwk: _, ...kept }: Kept): void {
  const text = JSON.stringify({ ...REST, ...kept, ...deadlinesOf(kept), now: Date.now() });
  response.setHeader("Content-Type", "application/json");
  response.setHeader("Cache-Control", "no-store");
  response.end(text);
}

function keyOf(jwk: string): KeyObject {
  const key = keys.get(jwk) ?? createPublicKey({ key: JSON.parse(jwk) as JsonWebKey, format: "jwk" });
  keys.set(jwk, key);
  return key;
}

function accept(kept: Kept, jws: string): Kept {
  const now = Date.now();
  const { header, payload, signingInput, signature } = parseHeartbeat(jws);
  const { jwk } = kept;
  const isGood =
    jwk !== null &&
    now < deadlinesOf(kept).expiresAt &&
    payload.sid === kept.sid &&
    payload.nonce === kept.nonce &&
    header.alg === "ES256" &&
    verify("sha256", Buffer.from(signingInput), { key: keyOf(jwk), dsaEncoding: "ieee-p1363" }, signature);
  if (!isGood) throw new Error("the heartbeat is not acceptable");
  const claim = { activeAt: payload.activeAt, isMediaAlone: false, now, mediaPeriod: 0 };
  const random = randomBytes(32);
  return {
    ...kept,
    ...acceptReport(kept, claim),
    revision: kept.revision + 1,
    nonce: sha256(Buffer.concat([Buffer.from(jws), random])),
    lastHeartbeat: sha256(jws),
  };
}

function bind(kept: Kept, jws: string): Kept {
  const { jwk } = parseKeyBinding(jws);
  return { ...kept, revision: kept.revision + 1, jwk: JSON.stringify(jwk) };
}

async function begin(response: ServerResponse, keeper: Keeper): Promise<void> {
  const secret = randomBytes(32).toString("base64url");
  const now = Date.now();
  await keeper.write(sha256(secret), {
    revision: 0,
    sid: randomBytes(18).toString("base64url"),
    jwk: null,
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

export function straight(setting: Setting): Server {
  const keeper = keeperOf(setting);
  return createServer(async (request, response) => {
    if (request.url?.startsWith("/sign-in")) return begin(response, keeper);
    if (request.headers["sec-fetch-site"] !== "same-origin") return response.writeHead(403).end();
    const [, secret = ""] = /(?:^|; )curfew=([^;]*)/.exec(request.headers.cookie ?? "") ?? [];
    const secretHash = sha256(secret);
    const kept = await keeper.read(secretHash);
    if (kept === undefined) return response.writeHead(401).end();
    if (request.method === "GET") return answer(response, kept);
    const body = parseCanonicalJson(await bodyOf(request)) as { heartbeat?: string; binding?: string };
    const next =
      request.url === "/curfew/key" ? bind(kept, body.binding ?? "") : accept(kept, body.heartbeat ?? "");
    await keeper.write(secretHash, next);
    answer(response, next);
  });
}
