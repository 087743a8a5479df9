/** The adapter for fetch-style runtimes: `Request` in, `Response` out. */
import type { HttpAnswer, HttpBody, HttpRequest } from "./exchange.js";

/** What a fetch-style runtime knows of the connection besides the request. */
export interface WebContext {
  /** The client's address, where the runtime tells it: rules by network and limits by address go by it. */
  readonly address?: string;
}

export function fromWebRequest(request: Request, { address }: WebContext = {}): HttpRequest {
  const url = new URL(request.url);
  return {
    method: request.method,
    origin: url.origin,
    address: address ?? null,
    source: request,
    path: url.pathname,
    search: url.search.slice(1),
    query: url.searchParams,
    header: (name) => request.headers.get(name),
    body: (limit) => readBody(request, limit),
    peek: async (limit) =>
      request.bodyUsed ? { type: "consumed" } : readBody(request.clone() as Request, limit),
  };
}

export function toWebResponse(answer: HttpAnswer): Response {
  const headers = new Headers();
  for (const [name, value] of answer.headers) headers.append(name, value);
  return new Response(answer.body, { status: answer.status, headers });
}

async function readBody(request: Request, limit: number): Promise<HttpBody> {
  if (request.bodyUsed) return { type: "consumed" };
  if (Number(request.headers.get("content-length") ?? 0) > limit) return { type: "too-large" };
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = request.body?.getReader();
  for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
    size += part.value.length;
    if (size > limit) {
      await reader?.cancel();
      return { type: "too-large" };
    }
    chunks.push(part.value);
  }
  return { type: "bytes", bytes: Buffer.concat(chunks) };
}
