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
  const isNamed = addressMatcher(privateAddresses);
  const mayReach = (address: string, isSecure: boolean) =>
    isNamed(address) || (isSecure && isPublicAddress(address));
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

type MayReach = (address: string, isSecure: boolean) => boolean;

async function answerOf(url: URL, mayReach: MayReach, signal: AbortSignal): Promise<unknown> {
  const isSecure = url.protocol === "https:";
  const literal = readAddress(url.hostname);
  if (literal !== null) refuseAddress(literal, isSecure, mayReach);
  const text = await new Promise<string>((resolve, reject) => {
    const asking = (isSecure ? askSecure : askPlain)(url, {
      // A connection of its own: one that something else opened was not looked at.
      agent: false,
      headers: { accept: "application/json" },
      lookup: checkedLookup(isSecure, mayReach),
      signal,
    });
    asking.on("error", reject);
    asking.on("response", (answer) => {
      const { statusCode = 0 } = answer;
      if (statusCode !== 200) {
        answer.destroy();
        reject(new UnreachableError(`${url.host} answered ${statusCode} to ${url.pathname}`));
        return;
      }
      const chunks: Uint8Array[] = [];
      let size = 0;
      answer.on("data", (chunk: Uint8Array) => {
        size += chunk.length;
        chunks.push(chunk);
        if (size > MOST_BYTES) answer.destroy(new UnreachableError(`${url.host} answers endlessly`));
      });
      answer.on("error", reject);
      answer.on("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
    });
    asking.end();
  });
  try {
    return JSON.parse(text);
  } catch {
    throw new UnreachableError(`${url.host} answers no JSON to ${url.pathname}`);
  }
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
