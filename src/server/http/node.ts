/** The adapter for Node `http` and Express: `IncomingMessage` in, `ServerResponse` out. */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { TrustPeer } from "../platform/networks.js";
import { peerOf } from "../platform/peer.js";
import { type HttpAnswer, type HttpBody, type HttpHeader, type HttpRequest, isStream } from "./exchange.js";
import { readSender } from "./forwarded.js";
import { isServerClosing, onNodeClosed } from "./node-closing.js";
import { sendStream } from "./node-stream.js";

/** What frameworks add to a request. */
interface FrameworkRequest extends IncomingMessage {
  readonly originalUrl?: string;
  readonly rawBody?: unknown;
  readonly body?: unknown;
  /** Of an HTTP/2 request. */
  readonly stream?: { readonly endAfterHeaders?: boolean };
}

/** How much of a body that is too large is read and thrown away, so that the answer can still be sent. */
const DISCARD_LIMIT = 32 * 1024 * 1024;

/** A browser's request as another program tells of it, in a request of its own. */
export interface ToldRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

/** @param told by a peer that speaks for a browser in any case: then its own address is nobody's */
export function fromNodeRequest(
  message: IncomingMessage,
  trusts: TrustPeer,
  told: ToldRequest | null = null,
): HttpRequest {
  const request: FrameworkRequest = message;
  const { headers } = told ?? request;
  const header = (name: string): string | null => {
    const value = headers[name];
    return Array.isArray(value) ? value.join(", ") : (value ?? null);
  };
  // Not by `new URL`: it would take "//host/path" for another host.
  const url = told?.url ?? request.originalUrl ?? request.url ?? "/";
  const mark = url.indexOf("?");
  const search = mark < 0 ? "" : url.slice(mark + 1);
  const sender = readSender(
    {
      peer: peerOf(request.socket),
      scheme: "encrypted" in request.socket ? "https" : "http",
      host: hostsIn({ headers, rawHeaders: request.rawHeaders }),
      relayed: told !== null,
      header,
    },
    trusts,
  );
  return {
    method: told?.method ?? request.method ?? "GET",
    origin: sender.origin,
    unknownOrigin: sender.unknownOrigin,
    address: sender.address,
    unknownAddress: sender.unknownAddress,
    unlistedProxy: sender.unlistedProxy,
    source: told ?? message,
    path: mark < 0 ? url : url.slice(0, mark),
    search,
    query: () => new URLSearchParams(search),
    header,
    body: (limit) => readBody(request, limit),
    peek: (limit) => peekBody(request, limit),
    onClosed: (listener) => onNodeClosed(message, listener),
    isServerClosing: () => isServerClosing(message),
  };
}

export function sendNodeAnswer(response: ServerResponse, answer: HttpAnswer): void {
  response.statusCode = answer.status;
  appendHeaders(response, answer.headers);
  if (isStream(answer.body)) sendStream(response, answer.body);
  else response.end(answer.body ?? undefined);
}

/** Adds headers; a header that several may set (`Set-Cookie`, `Vary`) keeps what is there. */
export function appendHeaders(response: ServerResponse, headers: readonly HttpHeader[]): void {
  for (const [name, value] of headers) {
    if (name === "Set-Cookie" || name === "Vary") response.appendHeader(name, value);
    else response.setHeader(name, value);
  }
}

/** Node keeps the first of several `Host` lines, another program the last; over HTTP/2 `:authority` may say something else. */
function hostsIn({
  headers,
  rawHeaders = [],
}: Partial<Pick<IncomingMessage, "headers" | "rawHeaders">>): string {
  const authority: unknown = headers?.[":authority"];
  const lines = linesOf("host", rawHeaders);
  // As good as always.
  if (typeof headers?.host === "string" && authority === undefined && lines.length === 0) return headers.host;
  const named = [headers?.host, authority, ...lines];
  return [...new Set(named.filter((host) => typeof host === "string"))].join(", ");
}

/** Every value under a name, where it stands more than once; else nothing. */
function linesOf(name: string, rawHeaders: readonly string[]): readonly string[] {
  const lines: string[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const written = rawHeaders[at] ?? "";
    // Most names differ in length already.
    if (written.length === name.length && written.toLowerCase() === name)
      lines.push(rawHeaders[at + 1] ?? "");
  }
  return lines.length > 1 ? lines : [];
}

async function readBody(request: FrameworkRequest, limit: number): Promise<HttpBody> {
  const { rawBody } = request;
  if (typeof rawBody === "string") return sized(Buffer.from(rawBody), limit);
  if (rawBody instanceof Uint8Array) return sized(rawBody, limit);
  if (request.readableDidRead || request.readableEnded || request.destroyed)
    return parsedBody(request.body, limit);
  if (Number(request.headers["content-length"] ?? 0) > limit) return discard(request);
  return readStream(request, limit);
}

/** Reads as many bytes as the request says it has, and puts them back before the stream has ended. */
async function peekBody(request: FrameworkRequest, limit: number): Promise<HttpBody> {
  const { rawBody } = request;
  if (typeof rawBody === "string") return sized(Buffer.from(rawBody), limit);
  if (rawBody instanceof Uint8Array) return sized(rawBody, limit);
  if (!saysItsLength(request)) return { type: "consumed" };
  const length = Number(request.headers["content-length"] ?? 0);
  if (length === 0) return { type: "bytes", bytes: new Uint8Array() };
  if (request.readableDidRead || request.readableEnded || request.destroyed) return { type: "consumed" };
  if (length > limit) return { type: "too-large" };
  const bytes = await readExactly(request, length);
  if (bytes === null) return { type: "consumed" };
  request.unshift(bytes);
  return { type: "bytes", bytes };
}

/** In HTTP/2 a body needs no length, so only a stream that ended with its headers has none. */
function saysItsLength(request: FrameworkRequest): boolean {
  const { "transfer-encoding": coding, "content-length": length } = request.headers;
  if (coding !== undefined) return false;
  const isFramed = request.httpVersionMajor >= 2;
  return length !== undefined || !isFramed || request.stream?.endAfterHeaders === true;
}

function readExactly(request: IncomingMessage, length: number): Promise<Uint8Array | null> {
  return new Promise((resolve) => {
    const done = (bytes: Uint8Array | null) => {
      request.off("readable", read);
      request.off("close", gone);
      request.off("error", gone);
      resolve(bytes);
    };
    const read = () => {
      const bytes: unknown = request.read(length);
      if (bytes instanceof Uint8Array) done(bytes);
    };
    const gone = () => done(null);
    request.on("readable", read);
    request.on("close", gone);
    request.on("error", gone);
  });
}

/** Never waits for a stream that somebody else has consumed. */
function parsedBody(body: unknown, limit: number): HttpBody {
  if (body instanceof Uint8Array) return sized(body, limit);
  if (typeof body === "string" && body !== "") return sized(Buffer.from(body), limit);
  if (typeof body !== "object" || body === null) return { type: "consumed" };
  return JSON.stringify(body).length > limit ? { type: "too-large" } : { type: "parsed", value: body };
}

function sized(bytes: Uint8Array, limit: number): HttpBody {
  return bytes.length > limit ? { type: "too-large" } : { type: "bytes", bytes };
}

function readStream(request: IncomingMessage, limit: number): Promise<HttpBody> {
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = [];
    let size = 0;
    request.on("data", (chunk: Uint8Array) => {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
      else resolve({ type: "too-large" });
      if (size > DISCARD_LIMIT) request.destroy();
    });
    request.on("end", () => resolve({ type: "bytes", bytes: Buffer.concat(chunks) }));
    request.on("close", () => resolve({ type: "consumed" }));
    request.on("error", () => resolve({ type: "consumed" }));
  });
}

function discard(request: IncomingMessage): HttpBody {
  let size = 0;
  request.on("data", (chunk: Uint8Array) => {
    size += chunk.length;
    if (size > DISCARD_LIMIT) request.destroy();
  });
  request.on("error", () => {});
  return { type: "too-large" };
}
