/** The adapter for fetch-style runtimes: `Request` in, `Response` out. */
import { readAddress, type TrustPeer, UNIX_PEER } from "../platform/networks.js";
import {
  type HttpAnswer,
  type HttpBody,
  type HttpHeader,
  type HttpRequest,
  isStream,
  type StreamBody,
} from "./exchange.js";
import { readSender } from "./forwarded.js";

/** What a fetch-style runtime knows of the connection besides the request. */
export interface WebContext {
  /**
   * The address of the peer, where the runtime tells it; `"unix"` for a Unix socket. Rules by network and limits by
   * address go by it, and where `trustProxy` lists it the proxy's `Forwarded` and `X-Forwarded-*` are believed.
   */
  readonly address?: string;
}

/** How much of a body that is too large is read and thrown away. */
const DISCARD_LIMIT = 32 * 1024 * 1024;

export function fromWebRequest(
  request: Request,
  { address }: WebContext = {},
  trusts: TrustPeer = () => false,
): HttpRequest {
  const url = new URL(request.url);
  const header = (name: string) => request.headers.get(name);
  const peer = address === UNIX_PEER ? UNIX_PEER : readAddress(address ?? "");
  return {
    method: request.method,
    ...readSender(
      { peer, scheme: url.protocol.slice(0, -1), host: url.host, relayed: false, header },
      trusts,
    ),
    source: request,
    path: url.pathname,
    search: url.search.slice(1),
    query: () => url.searchParams,
    header,
    body: (limit) => readBody(request, limit, discard),
    peek: async (limit) =>
      isBodyGone(request) ? { type: "consumed" } : readBody(request.clone() as Request, limit, leave),
    onClosed(listener) {
      // Runtimes tell of a browser that went away, and not of an answer that was sent.
      request.signal.addEventListener("abort", () => listener(false), { once: true });
      return false;
    },
    isServerClosing: () => false,
  };
}

export function toWebResponse({ status, headers, body }: HttpAnswer): Response {
  return new Response(isStream(body) ? webStream(body) : body, { status, headers: webHeaders(headers) });
}

function webStream(body: StreamBody): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let gone = () => {};
  return new ReadableStream({
    start(controller) {
      gone = body.open({
        send: (text) => controller.enqueue(encoder.encode(text)),
        isBehind: () => (controller.desiredSize ?? 0) <= 0,
        end: () => controller.close(),
        drop: () => controller.error(new Error("nobody reads the stream")),
      });
    },
    cancel: () => gone(),
  });
}

export function webHeaders(headers: readonly HttpHeader[]): Headers {
  const made = new Headers();
  for (const [name, value] of headers) made.append(name, value);
  return made;
}

/** Also where the app has made this request without the body of its own: that it has none would be untrue. */
function isBodyGone({ bodyUsed, body, headers }: Request): boolean {
  const saysThereIsOne = Number(headers.get("content-length") ?? 0) > 0 || headers.has("transfer-encoding");
  return bodyUsed || (body === null && saysThereIsOne);
}

async function readBody(request: Request, limit: number, giveUp: GiveUp): Promise<HttpBody> {
  if (isBodyGone(request)) return { type: "consumed" };
  const reader = request.body?.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  let isTooLarge = Number(request.headers.get("content-length") ?? 0) > limit;
  while (!isTooLarge) {
    const part = await reader?.read();
    if (part?.value === undefined) return { type: "bytes", bytes: Buffer.concat(chunks) };
    size += part.value.length;
    isTooLarge = size > limit;
    chunks.push(part.value);
  }
  if (reader !== undefined) void giveUp(reader).catch(() => {});
  return { type: "too-large" };
}

/** What becomes of the rest of a body that is too large. */
type GiveUp = (reader: ReadableStreamDefaultReader<Uint8Array>) => Promise<void>;

/** Reads on: where the stream is a Node socket's, the answer could not be sent otherwise. */
const discard: GiveUp = async (reader) => {
  let left = DISCARD_LIMIT;
  for (let part = await reader.read(); part.value !== undefined; part = await reader.read()) {
    left -= part.value.length;
    if (left < 0) return reader.cancel();
  }
};

/** Of a copy: what it read on would be kept for the app. */
const leave: GiveUp = (reader) => reader.cancel();
