/** `curfew/server/fastify`: the verifier for Fastify 5, a plugin for the protocol and hooks for the app's own routes. */
import type { FastifyInstance, FastifyPluginCallback, FastifyReply, FastifyRequest } from "fastify";
import { GUARDED_HEADERS } from "../http/caching.js";
import { type HttpAnswer, type HttpHeader, isStream } from "../http/exchange.js";
import {
  type GuardOptions,
  type GuardRules,
  readGuardOptions,
  readPageOptions,
} from "../http/guard-options.js";
import { sendNodeAnswer } from "../http/node.js";
import { holdUnstored } from "../http/node-caching.js";
import { rememberResponse } from "../http/node-closing.js";
import { problem } from "../http/problems.js";
import type { Session } from "../lifecycle/view.js";
import { ConfigurationError } from "../platform/errors.js";
import type { Management } from "../verifier/management.js";
import type { GuardMethods, RequestMethods, SignInMethods } from "../verifier/methods.js";
import type { SessionVerifierOptions } from "../verifier/options.js";
import type { SignInResult } from "../verifier/sign-in.js";
import { createVerifier, type Verifier } from "../verifier/verifier.js";

declare module "fastify" {
  interface FastifyRequest {
    /** The session that Curfew's guard let pass. */
    curfew?: Session;
  }
}

/** On the protocol's own route, and nowhere else: a guard knows it by this, not by its path. */
const PROTOCOL_ROUTE = Symbol("curfew");

/** What is needed of a request; typed routes have requests of their own types. */
export type RawRequest = Pick<FastifyRequest, "raw">;
/** What is needed of a reply; typed routes have replies of their own types, which take payloads of their own. */
export type PlainReply = Pick<FastifyReply, "getHeader" | "raw"> & {
  header(name: string, value: string): unknown;
  code(status: number): unknown;
  send(payload: never): unknown;
};

/** For `onRequest` (a `proof` needs the body unread), of one route or, by `addHook`, of many. */
export type FastifyGuard = (
  request: RawRequest &
    Pick<FastifyRequest, "curfew"> & { readonly routeOptions: { readonly config?: object } },
  reply: PlainReply,
) => Promise<unknown>;

interface FastifyShape {
  readonly request: [request: RawRequest];
  readonly exchange: [request: RawRequest, reply: PlainReply];
  readonly more: [];
  readonly begun: Promise<Session>;
  readonly left: Promise<void>;
}

export interface FastifySessionVerifier
  extends Management,
    GuardMethods<FastifyGuard>,
    RequestMethods<FastifyShape>,
    SignInMethods<FastifyShape> {
  /**
   * All of the protocol below the base path, for `app.register()`. It reads the bodies of its own calls itself, before
   * any content type parser, and leaves the app's own parsers alone.
   */
  routes(): FastifyPluginCallback;
  /**
   * Lets a request with a live session pass as `request.curfew`, refuses all others, and extends nothing. As a hook of
   * the whole app it leaves the route of `routes()` alone, and no other. It answers a preflight itself: an app with CORS
   * of its own registers that in front. @throws ConfigurationError
   */
  guard(options?: GuardOptions): FastifyGuard;
}

/**
 * Makes the verifier.
 * @throws ConfigurationError for any mistake in the options, with what to write instead
 */
export function createSessionVerifier(options: SessionVerifierOptions): FastifySessionVerifier {
  const verifier = createVerifier(options);
  const { read } = verifier;
  const carryHeaders = (reply: PlainReply, headers: readonly HttpHeader[]) => {
    addHeaders(reply, [...headers, ...GUARDED_HEADERS]);
    holdUnstored(reply.raw, verifier.notes.overridden);
  };
  const carry = (reply: PlainReply, { session, headers }: SignInResult): Session => {
    carryHeaders(reply, headers);
    return session;
  };
  return {
    ...verifier.management,
    routes: () => protocolPlugin(verifier),
    guard: (guardOptions = {}) => guardBy(verifier, readGuardOptions(guardOptions)),
    page: (guardOptions = {}) => guardBy(verifier, readPageOptions(guardOptions)),
    check: ({ raw }, checkOptions) => verifier.check(read(raw), checkOptions),
    start: async ({ raw }, reply, signIn) => carry(reply, await verifier.start(read(raw), signIn)),
    reauthenticate: async ({ raw }, reply, signIn) =>
      carry(reply, await verifier.reauthenticate(read(raw), signIn)),
    update: ({ raw }, changes) => verifier.update(read(raw), changes),
    authorization: ({ raw }) => verifier.authorization(read(raw)),
    async signOut({ raw }, reply) {
      carryHeaders(reply, await verifier.signOut(read(raw)));
    },
  };
}

/** Answers in `onRequest`, where Fastify has not looked at the body yet. */
function protocolPlugin(verifier: Verifier): FastifyPluginCallback {
  const plugin: FastifyPluginCallback = (app, _options, done) => {
    refuseOldFastify(app);
    if (!app.hasRequestDecorator("curfew")) app.decorateRequest("curfew");
    app.route({
      method: app.supportedMethods,
      url: `${verifier.base}/*`,
      config: { [PROTOCOL_ROUTE]: true },
      async onRequest({ raw }, reply) {
        const answer = (await verifier.answer(verifier.read(raw))) ?? problem("not-found");
        return isStream(answer.body) ? sendStreaming(reply, answer) : send(reply, answer);
      },
      handler: (_request, reply) => send(reply, problem("not-found")),
    });
    done();
  };
  // What fastify-plugin sets: the request's decoration is the whole app's, not this plugin's alone.
  return Object.assign(plugin, {
    [Symbol.for("skip-override")]: true,
    [Symbol.for("fastify.display-name")]: "curfew",
  });
}

/** Before Fastify 5 an app does not tell its methods. @throws ConfigurationError */
function refuseOldFastify({ supportedMethods, version }: Partial<FastifyInstance>): void {
  if (supportedMethods === undefined)
    throw new ConfigurationError(
      `curfew/server/fastify needs Fastify 5 or later, and this is ${version}; there, use createSessionVerifier of curfew/server on request.raw and reply.raw`,
    );
}

function guardBy({ admit, notes, read }: Verifier, rules: GuardRules): FastifyGuard {
  return async (request, reply) => {
    // A hook of the whole app comes before the protocol's own route, which answers for itself.
    if (PROTOCOL_ROUTE in (request.routeOptions.config ?? {})) return;
    rememberResponse(request.raw, reply.raw);
    const admission = await admit(read(request.raw), rules, reply);
    if (admission.type === "answered") return send(reply, admission.answer);
    addHeaders(reply, GUARDED_HEADERS);
    if (!rules.cacheable) holdUnstored(reply.raw, notes.overridden);
    request.curfew = admission.check.session;
    return;
  };
}

/** As bytes: Fastify would give a text of JSON another content type. */
function send(reply: PlainReply, { status, headers, body }: HttpAnswer): unknown {
  addHeaders(reply, headers);
  reply.code(status);
  const anyReply: { send(payload: unknown): unknown } = reply;
  return anyReply.send(typeof body === "string" ? Buffer.from(body) : (body ?? undefined));
}

/** By Node's own response: the app's hooks of `onSend` would wait for the whole. What other plugins have set goes along. */
function sendStreaming(reply: FastifyReply, answer: HttpAnswer): void {
  addHeaders(reply, answer.headers);
  reply.hijack();
  const headers = Object.entries(reply.getHeaders()).map(([name, value]) => [name, String(value)] as const);
  sendNodeAnswer(reply.raw, { ...answer, headers });
}

/** `Set-Cookie` is added by Fastify itself to what is there; of the others only `Vary` keeps what is there. */
function addHeaders(reply: PlainReply, headers: readonly HttpHeader[]): void {
  for (const [name, value] of headers) {
    const present = name === "Vary" ? reply.getHeader(name) : undefined;
    reply.header(name, present === undefined ? value : `${String(present)}, ${value}`);
  }
}
