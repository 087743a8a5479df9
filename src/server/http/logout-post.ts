/**
 * The post by which a provider tells of a logout (OpenID Connect Back-Channel Logout 1.0, section 2.5): a form with one
 * token. No cookie is read and no origin asked: the token's signature alone says who speaks.
 */
import { Refusal } from "../platform/errors.js";
import type { HttpAnswer, HttpRequest } from "./exchange.js";
import { NO_STORE } from "./exchange.js";

/** The path below the base. */
export const LOGOUT_PATH = "/idp/logout";

/** 16 KiB: a token takes about one. */
const FORM_LIMIT = 16_384;

/** @throws Refusal `bad-request` */
export async function readLogoutPost(request: HttpRequest): Promise<string> {
  const [mediaType = ""] = (request.header("content-type") ?? "").split(";");
  if (mediaType.trim().toLowerCase() !== "application/x-www-form-urlencoded")
    throw bad("The media type must be application/x-www-form-urlencoded.", "media-type");
  const body = await request.body(FORM_LIMIT);
  if (body.type === "too-large") throw bad(`The form must be at most ${FORM_LIMIT} bytes.`, "too-large");
  if (body.type === "consumed")
    throw bad(
      "Something before Curfew has read this form and kept nothing of it: mount sessions.routes() before any body parser.",
      "body-consumed",
    );
  const tokens = body.type === "bytes" ? tokensIn(textOf(body.bytes)) : [memberIn(body.value)].flat();
  const [token, ...others] = tokens;
  if (typeof token !== "string" || token === "" || others.length > 0)
    throw bad("The form must have one field logout_token.", "shape");
  return token;
}

/** The provider reads the status alone. */
export const LOGGED_OUT: HttpAnswer = { status: 200, headers: [NO_STORE], body: null };

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function tokensIn(form: string): readonly string[] {
  return new URLSearchParams(form).getAll("logout_token");
}

/** Of a form that a body parser has read: a field that came twice is a list. */
function memberIn(value: unknown): unknown {
  if (typeof value === "string") return tokensIn(value);
  return typeof value === "object" && value !== null ? Reflect.get(value, "logout_token") : undefined;
}

function bad(what: string, code: string): Refusal {
  return new Refusal("bad-request", what, { code });
}
