/** The JSON body of a post, read strictly and cheaply: media type, size, form, members, in this order. */
import { parseCanonicalJson } from "../../protocol/compact-jws.js";
import { type JsonObject, objectOf } from "../../protocol/members.js";
import { ParseError } from "../../protocol/parse-error.js";
import { within } from "../platform/clock.js";
import { Refusal } from "../platform/errors.js";
import type { HttpBody, HttpRequest } from "./exchange.js";

/** How long a body may take: 10 s. */
const BODY_PERIOD = 10_000;

/** 4 KiB: a heartbeat takes about 700 bytes. */
const BODY_LIMIT = 4_096;

/** Whether the request says that its body is JSON. */
export function saysJson(request: HttpRequest): boolean {
  const [mediaType = ""] = (request.header("content-type") ?? "").split(";");
  return mediaType.trim().toLowerCase() === "application/json";
}

/**
 * A body that is neither too large nor too slow.
 * @param what how the refusal calls it
 * @throws Refusal `too-large`, `too-slow`
 */
export async function bodyInTime(
  reading: Promise<HttpBody>,
  limit: number,
  what = "The body",
): Promise<Exclude<HttpBody, { type: "too-large" }>> {
  const late = () => new Refusal("too-slow", `${what} must be here within ${BODY_PERIOD / 1_000} s.`);
  const body = await within(BODY_PERIOD, reading, late);
  if (body.type === "too-large") throw new Refusal("too-large", `${what} must be at most ${limit} bytes.`);
  return body;
}

/** @throws Refusal `bad-request`, `too-large`, `too-slow` */
export async function readPostedBody(request: HttpRequest, onParsed: () => void): Promise<JsonObject> {
  if (!saysJson(request))
    throw new Refusal("bad-request", "The media type must be application/json.", { code: "media-type" });
  const body = await bodyInTime(request.body(BODY_LIMIT), BODY_LIMIT);
  if (body.type === "consumed")
    throw new Refusal(
      "bad-request",
      "Something before Curfew has read this body and kept nothing of it: mount sessions.routes() before any body parser.",
      { code: "body-consumed" },
    );
  if (body.type === "parsed") onParsed();
  try {
    return objectOf(jsonIn(body), "the body");
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    throw new Refusal("bad-request", `The body is not acceptable: ${error.message}.`, { code: error.code });
  }
}

function jsonIn(body: Extract<HttpBody, { type: "bytes" | "parsed" }>): unknown {
  if (body.type === "bytes") return parseCanonicalJson(body.bytes);
  return typeof body.value === "string"
    ? parseCanonicalJson(new TextEncoder().encode(body.value))
    : body.value;
}

/** The one text member of a body that has no other. @throws Refusal `bad-request` */
export function onlyMember(body: JsonObject, name: string): string {
  const value = body[name];
  if (Object.keys(body).length !== 1 || typeof value !== "string")
    throw new Refusal("bad-request", `The body must be { "${name}": "…" } and nothing besides.`, {
      code: "shape",
    });
  return value;
}
