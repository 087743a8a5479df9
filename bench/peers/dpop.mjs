/**
 * What a server does by `jose` that asks for a DPoP proof (RFC 9449 section 4.3) with each request: the signature by the key in
 * the proof's header, its thumbprint, method, address and time. It remembers which proofs it has seen.
 */
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify } from "jose";

const bodyOf = async (request) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};

export function dpop() {
  const [bound, seen] = [new Map(), new Set()];
  const answer = (response, sid) => {
    const text = JSON.stringify({ sid, nonce: randomBytes(32).toString("base64url") });
    response.writeHead(200, {
      "Content-Type": "application/json",
      "Content-Length": Buffer.byteLength(text),
    });
    response.end(text);
  };
  return createServer(async (request, response) => {
    const sid = request.headers.cookie?.split("=")[1] ?? "";
    if (request.method === "GET") return answer(response, sid);
    if (request.url.startsWith("/sign-in")) {
      response.setHeader("Set-Cookie", `sid=${randomBytes(18).toString("base64url")}; Path=/`);
      return response.end();
    }
    const { proof } = JSON.parse(await bodyOf(request));
    const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, {
      typ: "dpop+jwt",
      maxTokenAge: 60,
    });
    const thumbprint = await calculateJwkThumbprint(protectedHeader.jwk);
    const isNew = !seen.has(payload.jti);
    seen.add(payload.jti);
    if (request.url === "/bind") bound.set(sid, thumbprint);
    if (
      !isNew ||
      bound.get(sid) !== thumbprint ||
      payload.htm !== "POST" ||
      !payload.htu.endsWith(request.url)
    ) {
      response.statusCode = 401;
      return response.end();
    }
    answer(response, sid);
  });
}
