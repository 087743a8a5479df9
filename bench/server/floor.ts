/**
 * The floor: what any server must do that believes a signed heartbeat. Bare Node `http` reads the same body, parses it,
 * verifies one P-256 signature with a key that it has kept, and answers as many bytes. It keeps no session and checks nothing else.
 */
import { createPublicKey, type JsonWebKey, type KeyObject, randomBytes, verify } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

/** As many bytes as the status that Curfew answers. */
const FILLER = "x".repeat(720);

const keys = new Map<string, KeyObject>();

const part = (jws: string, at: number): Record<string, unknown> =>
  JSON.parse(Buffer.from(jws.split(".")[at] ?? "", "base64url").toString()) as Record<string, unknown>;

function bodyOf(request: IncomingMessage): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => resolve(Buffer.concat(chunks).toString()));
  });
}

function answer(response: ServerResponse, sid: string): void {
  const text = JSON.stringify({ sid, nonce: randomBytes(32).toString("base64url"), filler: FILLER });
  response.writeHead(200, { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(text) });
  response.end(text);
}

function accept(jws: string): string {
  const { sid } = part(jws, 1);
  const [header, payload, signature = ""] = jws.split(".");
  const key = keys.get(String(sid));
  const signed = Buffer.from(`${header}.${payload}`);
  const options = key && ({ key, dsaEncoding: "ieee-p1363" } as const);
  if (options === undefined || !verify("sha256", signed, options, Buffer.from(signature, "base64url")))
    throw new Error("the signature is not the key's");
  return String(sid);
}

function bind(jws: string): string {
  const { sid } = part(jws, 1);
  keys.set(String(sid), createPublicKey({ key: part(jws, 0).jwk as JsonWebKey, format: "jwk" }));
  return String(sid);
}

export function floor(): Server {
  return createServer(async (request, response) => {
    const sid = request.headers.cookie?.split("=")[1] ?? "";
    if (request.method === "GET")
      return request.url === "/plain" ? response.end("plain") : answer(response, sid);
    if (request.url?.startsWith("/sign-in")) {
      response.setHeader("Set-Cookie", `sid=${randomBytes(18).toString("base64url")}; Path=/`);
      return response.end();
    }
    const body = JSON.parse(await bodyOf(request)) as { heartbeat?: string; binding?: string };
    answer(response, body.binding === undefined ? accept(body.heartbeat ?? "") : bind(body.binding));
  });
}
