/** `curfew/server/hono`: the verifier for Hono 4, as middleware, on Node (`@hono/node-server`) and elsewhere. */

import type { IncomingMessage } from "node:http";
import type { Context, MiddlewareHandler } from "hono";
import { type AnswerHeaders, forbidStoring, GUARDED_HEADERS } from "../http/caching.js";
import type { HttpBody, HttpHeader, HttpRequest } from "../http/exchange.js";
import { type GuardRules, readGuardOptions, readPageOptions } from "../http/guard-options.js";
import { rememberResponse } from "../http/node-closing.js";
import { toWebResponse, type WebContext } from "../http/web.js";
import type { Session } from "../lifecycle/view.js";
import { memberOf } from "../platform/members.js";
import { UNIX_PEER } from "../platform/networks.js";
import type { Management } from "../verifier/management.js";
import type { GuardMethods, RequestMethods, SignInMethods } from "../verifier/methods.js";
import type { SessionVerifierOptions } from "../verifier/options.js";
import type { SignInOptions, SignInResult } from "../verifier/sign-in.js";
import { createVerifier, type Verifier } from "../verifier/verifier.js";

declare module "hono" {
  interface ContextVariableMap {
    /** The session that Curfew's guard let pass. */
    curfew: Session;
  }
}

interface HonoShape {
  readonly request: [c: Context];
  readonly exchange: [c: Context];
  readonly more: [];
  readonly begun: Promise<Session>;
  readonly left: Promise<void>;
}

/** What the guard lets pass has its session as `c.get("curfew")`. */
export interface HonoSessionVerifier
  extends Management,
    GuardMethods<MiddlewareHandler>,
    RequestMethods<HonoShape>,
    SignInMethods<HonoShape> {
  /** All of the protocol below the base path, for `app.use()`. */
  routes(): MiddlewareHandler;
  /**
   * Starts a session at sign-in and ends the one that the browser had (`replaced`). Answer by `c.redirect()`, `c.json()` and
   * the like: like Hono's own `setCookie`, this does not reach a bare `new Response()` where no middleware is mounted.
   * @throws SessionError, StoreUnavailableError
   */
  start(c: Context, options: SignInOptions): Promise<Session>;
}

/**
 * Makes the verifier.
 * @throws ConfigurationError for any mistake in the options, with what to write instead
 */
export function createSessionVerifier(options: SessionVerifierOptions): HonoSessionVerifier {
  const verifier = createVerifier(options);
  const carry = (c: Context, { session, headers }: SignInResult): Session => {
    addHeaders(c, [...headers, ...GUARDED_HEADERS]);
    return session;
  };
  return {
    ...verifier.management,
    routes: () => async (c, next) => {
      const answer = await verifier.answer(requestIn(verifier, c));
      return answer === null ? next() : toWebResponse(answer);
    },
    guard: (guardOptions = {}) => guardBy(verifier, readGuardOptions(guardOptions)),
    page: (guardOptions = {}) => guardBy(verifier, readPageOptions(guardOptions)),
    check: (c, checkOptions) => verifier.check(requestIn(verifier, c), checkOptions),
    start: async (c, signIn) => carry(c, await verifier.start(requestIn(verifier, c), signIn)),
    reauthenticate: async (c, signIn) =>
      carry(c, await verifier.reauthenticate(requestIn(verifier, c), signIn)),
    update: (c, changes) => verifier.update(requestIn(verifier, c), changes),
    authorization: async (c) => verifier.authorization(requestIn(verifier, c)),
    async signOut(c) {
      addHeaders(c, [...(await verifier.signOut(requestIn(verifier, c))), ...GUARDED_HEADERS]);
    },
  };
}

function guardBy(verifier: Verifier, rules: GuardRules): MiddlewareHandler {
  return async (c, next) => {
    const admission = await verifier.admit(requestIn(verifier, c), rules, c);
    if (admission.type === "answered") return toWebResponse(admission.answer);
    c.set("curfew", admission.check.session);
    await next();
    // What switches protocols has no body that a cache could keep, and cannot be copied.
    if (c.res.status === 101 || (rules.cacheable && c.res.headers.has("Cache-Control"))) return undefined;
    const said = forbidStoring(headersOf(c));
    if (said !== null) verifier.notes.overridden(said);
    return undefined;
  };
}

/**
 * On Node the message tells the address and what a trusted proxy says; the body is Hono's, whose helpers may have read
 * and kept it.
 */
function requestIn(verifier: Verifier, c: Context): HttpRequest {
  const web = () => verifier.read(c.req.raw, connectionIn(c));
  const message = nodeMessageIn(c.env);
  const known = message === null ? web() : verifier.read(message);
  if (message !== null) rememberResponse(message, memberOf(memberOf(c.env, "server") ?? c.env, "outgoing"));
  return {
    ...known,
    source: c.req.raw,
    async body(limit) {
      if (hasKeptBody(c)) return keptBody(c, limit);
      if (c.req.raw.bodyUsed) return { type: "consumed" };
      const body = await known.body(limit);
      // Who made a copy (`c.req.raw.clone()`) has moved the bytes from Node's message into a stream of the web's.
      const copied = message !== null && body.type === "consumed" ? await web().body(limit) : body;
      return copied.type === "bytes" && copied.bytes.length === 0 ? body : copied;
    },
    peek: async (limit) => (hasKeptBody(c) ? keptBody(c, limit) : web().peek(limit)),
  };
}

/** What `@hono/node-server` hands on as bindings: `c.env.incoming`. */
function nodeMessageIn(env: unknown): IncomingMessage | null {
  const incoming = memberOf(memberOf(env, "server") ?? env, "incoming");
  return isNodeMessage(incoming) ? incoming : null;
}

/** What Deno hands on as bindings (`remoteAddr`), and Bun (`requestIP`, in `server` where it hands on more). */
function connectionIn({ env, req }: Context): WebContext {
  const peer = memberOf(env, "remoteAddr");
  if (String(memberOf(peer, "transport")).startsWith("unix")) return { address: UNIX_PEER };
  const server: unknown = memberOf(env, "server") ?? env;
  const requestIP = memberOf(server, "requestIP");
  const found: unknown = typeof requestIP === "function" ? Reflect.apply(requestIP, server, [req.raw]) : null;
  const address = memberOf(peer, "hostname") ?? memberOf(found, "address");
  return typeof address === "string" ? { address } : {};
}

function isNodeMessage(value: unknown): value is IncomingMessage {
  return memberOf(value, "socket") !== undefined && memberOf(value, "headers") !== undefined;
}

function hasKeptBody({ req }: Context): boolean {
  return Object.keys(req.bodyCache).length > 0;
}

async function keptBody({ req }: Context, limit: number): Promise<HttpBody> {
  try {
    const bytes = new Uint8Array(await req.arrayBuffer());
    return bytes.length > limit ? { type: "too-large" } : { type: "bytes", bytes };
  } catch {
    return { type: "consumed" };
  }
}

/** By `c.header`, which copies a response that cannot be changed. */
function headersOf(c: Context): AnswerHeaders {
  return {
    keys: () => c.res.headers.keys(),
    get: (name) => c.res.headers.get(name),
    set: (name, value) => c.header(name, value),
    delete: (name) => c.header(name, undefined),
  };
}

/** On `c.res`, so that they are on the response whatever the handler returns; `c.header` is for `c.json()` and its like. */
function addHeaders(c: Context, headers: readonly HttpHeader[]): void {
  for (const [name, value] of headers) {
    if (name === "Set-Cookie" || name === "Vary") c.res.headers.append(name, value);
    else c.res.headers.set(name, value);
  }
}
