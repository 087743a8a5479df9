/** What keeps guarded answers out of every cache, whatever the app's handler says of them. */
import { type HttpHeader, NO_STORE } from "./exchange.js";

/** What every answer behind the guard carries: nobody keeps a copy. */
export const GUARDED_HEADERS: readonly HttpHeader[] = [NO_STORE];

/** The headers of an answer that is about to be sent; the web's `Headers` are such. */
export type AnswerHeaders = Pick<Headers, "get" | "set" | "delete"> & { keys(): Iterable<string> };

/** What a cache goes by before it looks at `Cache-Control` (RFC 9213 and the vendors' own). */
const TARGETED = /^(?:.+-cache-control|surrogate-control|edge-control|x-accel-expires)$/;

/**
 * Sets `no-store` where the answer does not say so itself, and takes what would let one kind of cache keep it.
 * @returns what the app had said, such as `Cache-Control: public`; null where it agrees or says nothing
 */
export function forbidStoring(headers: AnswerHeaders): string | null {
  const said: string[] = [];
  for (const name of [...headers.keys()].filter((key) => TARGETED.test(key.toLowerCase()))) {
    if (!forbids(headers.get(name))) said.push(`${name}: ${headers.get(name)}`);
    headers.delete(name);
  }
  const own = headers.get(NO_STORE[0]);
  if (forbids(own)) return said[0] ?? null;
  headers.set(...NO_STORE);
  return own === null || own === "" ? (said[0] ?? null) : `${NO_STORE[0]}: ${own}`;
}

function forbids(value: string | null): boolean {
  const directives = (value ?? "").toLowerCase().split(",");
  return directives.some((directive) => directive.trim() === NO_STORE[1]);
}
