/** One request over HTTP, on a connection of its own, so that a load balancer may choose anew. It follows no redirect. */
import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { buffer } from "node:stream/consumers";
import { brotliDecompressSync, gunzipSync, inflateSync } from "node:zlib";
import { codeOf } from "../../../server/platform/errors.js";
import type { Answer, Failure } from "./answer.js";

interface Question {
  /** Default: GET. */
  readonly method?: string;
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

interface AskOptions {
  /** The only origin that is asked. */
  readonly origin: string;
  /** For one answer, in milliseconds. */
  readonly timeout: number;
  /** An address in place of what the name resolves to. */
  readonly address?: string | undefined;
  readonly userAgent: string;
}

/** @throws Error for a question to another origin: the doctor speaks to nobody else */
export async function ask(question: Question, options: AskOptions): Promise<Answer> {
  const { url, method = "GET" } = question;
  if (url.origin !== options.origin) throw new Error(`${url.origin} is not the origin that is examined`);
  const ending = AbortSignal.timeout(options.timeout);
  try {
    const message = await send(question, options, ending);
    const bytes = decoded(await buffer(message), message.headers["content-encoding"]);
    return answerOf({ method, url, message, bytes, failure: null });
  } catch (error) {
    return answerOf({
      method,
      url,
      message: null,
      bytes: new Uint8Array(),
      failure: failureOf(error, ending.aborted),
    });
  }
}

function send(
  { url, method = "GET", headers = {}, body }: Question,
  { address, userAgent }: AskOptions,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const request = url.protocol === "https:" ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const sending = request(url, {
      method,
      agent: false,
      signal,
      headers: {
        "user-agent": userAgent,
        "accept-encoding": "identity",
        ...(body === undefined ? {} : { "content-length": Buffer.byteLength(body) }),
        ...headers,
      },
      ...(address === undefined ? {} : { lookup: always(address) }),
    });
    sending.once("response", resolve).once("error", reject).end(body);
  });
}

function always(address: string): LookupFunction {
  const family = isIP(address);
  return (_host, options, callback) => {
    if (options.all === true) callback(null, [{ address, family }]);
    else callback(null, address, family);
  };
}

/** Some caches compress whatever was asked for. */
function decoded(bytes: Buffer, encoding: string | undefined): Uint8Array {
  if (encoding === "gzip") return gunzipSync(bytes);
  if (encoding === "br") return brotliDecompressSync(bytes);
  return encoding === "deflate" ? inflateSync(bytes) : bytes;
}

function failureOf(error: unknown, isLate: boolean): Failure {
  return { type: isLate ? "late" : "network", code: codeOf(error) || "unknown" };
}

interface Received {
  readonly method: string;
  readonly url: URL;
  readonly message: IncomingMessage | null;
  readonly bytes: Uint8Array;
  readonly failure: Failure | null;
}

function answerOf({ method, url, message, bytes, failure }: Received): Answer {
  const headers = message?.headers ?? {};
  return {
    method,
    url,
    status: message?.statusCode ?? null,
    failure,
    bytes,
    header(name) {
      const value = headers[name];
      return value === undefined ? null : [value].flat().join(", ");
    },
    cookies: (headers["set-cookie"] ?? []).map((cookie) => cookie.split(";")[0] ?? ""),
  };
}
