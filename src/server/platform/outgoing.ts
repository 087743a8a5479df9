/**
 * Asks another machine by HTTP: one answer, in time, of a bounded size, no redirects. The address that the name leads to is
 * looked at in the very call that connects, so nobody can change it in between.
 */
import { lookup } from "node:dns";
import { request as askPlain } from "node:http";
import { request as askSecure } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { within } from "./clock.js";
import { messageOf } from "./errors.js";
import { addressMatcher, isPublicAddress, readAddress } from "./networks.js";

/** Another machine gave no answer that can be used; it may be asked again later. */
export class UnreachableError extends Error {
  override readonly name = "UnreachableError";
}

/** How long the whole answer may take: 5 s. */
const TIMEOUT = 5_000;
/** A provider's keys take a few KiB. */
const MOST_BYTES = 256 * 1024;

/** Reads JSON from a URL. @throws UnreachableError */
export type AskJson = (url: URL) => Promise<unknown>;

/**
 * @param privateAddresses networks whose machines may be asked besides those of the internet, and without TLS
 */
export function createAskJson(privateAddresses: readonly string[]): AskJson {
  const mayReach = reachBesides(privateAddresses);
  return async (url) => {
    const call = new AbortController();
    try {
      const late = () => new UnreachableError(`${url.host} did not answer within ${TIMEOUT / 1_000} s`);
      return await within(TIMEOUT, answerOf(url, mayReach, call.signal), late);
    } catch (error) {
      call.abort();
      if (error instanceof UnreachableError) throw error;
      throw new UnreachableError(`${url.host} cannot be asked: ${messageOf(error)}`, { cause: error });
    }
  };
}

function reachBesides(privateAddresses: readonly string[]): MayReach {
  const isNamed = addressMatcher(privateAddresses);
  return (address, isSecure) => isNamed(address) || (isSecure && isPublicAddress(address));
}

type MayReach = (address: string, isSecure: boolean) => boolean;

async function answerOf(url: URL, mayReach: MayReach, signal: AbortSignal): Promise<unknown> {
  const { status, text } = await exchange(url, { mayReach, signal, headers: { accept: "application/json" } });
  if (status !== 200) throw new UnreachableError(`${url.host} answered ${status} to ${url.pathname}`);
  try {
    return JSON.parse(text);
  } catch {
    throw new UnreachableError(`${url.host} answers no JSON to ${url.pathname}`);
  }
}

/** What another machine made of a post. */
interface PostAnswer {
  readonly status: number;
  /** What it says of when to come back (`Retry-After`); empty where it says nothing. */
  readonly retryAfter: string;
  readonly text: string;
}

interface Post {
  readonly type: string;
  readonly body: string;
  /** Further header fields. */
  readonly fields?: Readonly<Record<string, string>>;
}

/** Posts something. @throws UnreachableError */
export type PostTo = (url: URL, post: Post) => Promise<PostAnswer>;

/**
 * @param who for messages: who is told, such as `the webhook`
 * @param privateAddresses as above; null: the address is the configuration's own, and may be any
 */
export function createPostTo(who: string, privateAddresses: readonly string[] | null): PostTo {
  const mayReach = privateAddresses === null ? null : reachBesides(privateAddresses);
  return async (url, { type, body, fields = {} }) => {
    const call = new AbortController();
    const late = () => new UnreachableError(`${who} did not answer within ${TIMEOUT / 1_000} s`);
    try {
      const headers = { "Content-Type": type, "Content-Length": String(Buffer.byteLength(body)), ...fields };
      const post = () => exchange(url, { mayReach, signal: call.signal, headers, body });
      // The other side may close a connection in the very moment in which it is used again.
      const posted = post().catch((error: unknown) =>
        error instanceof ClosedError ? post() : Promise.reject(error),
      );
      return await within(TIMEOUT, posted, late);
    } catch (error) {
      call.abort();
      if (error instanceof UnreachableError) throw error;
      throw new UnreachableError(`${who} cannot be reached`, { cause: error });
    }
  };
}

/** A connection that had been used before broke. */
class ClosedError extends Error {}

interface Asking {
  /** Which addresses may be asked; null: any. */
  readonly mayReach: MayReach | null;
  readonly signal: AbortSignal;
  readonly headers: Readonly<Record<string, string>>;
  /** Given: it is posted. */
  readonly body?: string;
}

/** One question and its whole answer. */
function exchange(url: URL, { mayReach, signal, headers, body }: Asking): Promise<PostAnswer> {
  const isSecure = url.protocol === "https:";
  const literal = readAddress(url.hostname);
  if (literal !== null && mayReach !== null) refuseAddress(literal, isSecure, mayReach);
  return new Promise((resolve, reject) => {
    const asking = (isSecure ? askSecure : askPlain)(url, {
      method: body === undefined ? "GET" : "POST",
      // A connection of its own: one that something else opened was not looked at.
      ...(mayReach === null ? {} : { agent: false, lookup: checkedLookup(isSecure, mayReach) }),
      headers,
      signal,
    });
    asking.on("error", (error) =>
      reject(asking.reusedSocket ? new ClosedError("", { cause: error }) : error),
    );
    asking.on("response", (answer) => {
      const { statusCode: status = 0 } = answer;
      const chunks: Uint8Array[] = [];
      let size = 0;
      answer.on("data", (chunk: Uint8Array) => {
        size += chunk.length;
        chunks.push(chunk);
        if (size > MOST_BYTES) answer.destroy(new UnreachableError(`${url.host} answers endlessly`));
      });
      answer.on("error", reject);
      answer.on("end", () => {
        const retryAfter = answer.headers["retry-after"] ?? "";
        resolve({ status, retryAfter, text: Buffer.concat(chunks).toString("utf8") });
      });
    });
    asking.end(body);
  });
}

function checkedLookup(isSecure: boolean, mayReach: MayReach): LookupFunction {
  return (host, options, callback) => {
    lookup(host, { ...options, all: true }, (error, found) => {
      const [first] = found ?? [];
      if (error !== null || first === undefined) return callback(error, [], 0);
      try {
        for (const { address } of found) refuseAddress(address, isSecure, mayReach);
      } catch (refusal) {
        return callback(refusal instanceof Error ? refusal : new UnreachableError("no address"), [], 0);
      }
      if (options.all === true) callback(null, found);
      else callback(null, first.address, first.family);
    });
  };
}

/** @throws UnreachableError */
function refuseAddress(address: string, isSecure: boolean, mayReach: MayReach): void {
  if (isIP(address) !== 0 && mayReach(address, isSecure)) return;
  throw new UnreachableError(
    isSecure || !isPublicAddress(address)
      ? `the address ${address} is private: name it in privateAddresses if it is meant`
      : `the address ${address} is asked by https:// alone`,
  );
}
