/** `createSessionVerifier`: the one authority over sessions, for Node `http`, Express and fetch-style servers. */
import type { IncomingMessage, ServerResponse } from "node:http";
import proxyAddr from "proxy-addr";
import { type Problem, parseProblem } from "../protocol/problem.js";
import type { EndReason } from "../session/end.js";
import { type Session, sessionOf } from "./check-session.js";
import type { ServerContext } from "./context.js";
import { createEngine, type Engine, type SignInOptions, type SignInResult } from "./engine.js";
import { environmentName } from "./environment.js";
import { ConfigurationError, SessionError } from "./errors.js";
import type { HttpAnswer, HttpHeader, HttpRequest } from "./http/exchange.js";
import { GUARDED_HEADERS, type GuardOptions, isPreflight, readGuardOptions } from "./http/guard.js";
import { appendHeaders, fromNodeRequest, sendNodeAnswer, type TrustPeer } from "./http/node.js";
import { problem } from "./http/problems.js";
import { fromWebRequest, toWebResponse } from "./http/web.js";
import { readOptions, type SessionVerifierOptions } from "./options.js";
import { endSession, settleSession } from "./settle-session.js";
import type { StartOptions } from "./sign-in.js";
import { startSweeper } from "./sweeper.js";

declare module "node:http" {
  interface IncomingMessage {
    /** The session that the guard let pass. */
    curfew?: Session;
  }
}

/** A handler for Node `http` and Express alike; without `next` it answers 404 to paths that are not its own. */
export type NodeHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  next?: (error?: unknown) => void,
) => void;

export type SessionCheck =
  | { readonly status: "active"; readonly session: Session }
  | { readonly status: "ended" | "none" | "stale" | "unavailable" | "refused"; readonly problem: Problem };

export interface SessionVerifier {
  /** All of the protocol below the base path. Mount it before any body parser. */
  routes(): NodeHandler;
  /** Lets a request with a live session pass as `request.curfew`, refuses all others, and extends nothing. @throws ConfigurationError */
  guard(options?: GuardOptions): NodeHandler;
  /** The protocol for fetch-style servers. */
  handle(request: Request): Promise<Response>;
  /** A read: what has become of the session that the request presents. */
  check(request: Request | IncomingMessage, options?: GuardOptions): Promise<SessionCheck>;
  /** Starts a session at sign-in and ends the one that the browser had (`replaced`). @throws SessionError, StoreUnavailableError */
  start(request: IncomingMessage, response: ServerResponse, options: SignInOptions): Promise<Session>;
  start(request: Request, options: SignInOptions): Promise<WebSignIn>;
  /** The person has proven again who they are: same sid and key, new cookie, both deadlines anew. @throws SessionError, StoreUnavailableError */
  reauthenticate(request: IncomingMessage, response: ServerResponse, options: StartOptions): Promise<Session>;
  reauthenticate(request: Request, options: StartOptions): Promise<WebSignIn>;
  /** The app's own sign-out route: ends the browser's session, if it has one, and takes its cookie and kept pages. @throws StoreUnavailableError */
  signOut(request: IncomingMessage, response: ServerResponse): Promise<void>;
  signOut(request: Request): Promise<Headers>;
  /** Ends a session now. `signed-out` where the person asked for it. */
  end(sid: string, reason?: Extract<EndReason, "revoked" | "signed-out">): Promise<void>;
  /** Ends every session of a subject now. */
  endAll(subject: string, reason?: Extract<EndReason, "revoked" | "signed-out">): Promise<void>;
  /** The live sessions of a subject. */
  list(subject: string): Promise<readonly Session[]>;
  /** Whether the store answers. */
  health(): Promise<{ readonly status: "ok" | "unavailable" }>;
  /** Stops the sweeper and closes the sinks and the store. */
  close(): Promise<void>;
}

export interface WebSignIn {
  readonly session: Session;
  /** Must be added to the response. */
  readonly headers: Headers;
}

/**
 * Makes the verifier.
 * @throws ConfigurationError for any mistake in the options, with what to write instead
 */
export function createSessionVerifier(options: SessionVerifierOptions): SessionVerifier {
  const checked = readOptions(options, environmentName());
  const { policy, logger } = checked;
  const engine = createEngine(checked);
  const trusts = trustedPeers(checked.trustProxy);
  if (policy.unsafeForTesting)
    logger.warn("curfew: unsafeForTesting is on: these limits are for tests, not for people");
  const context = async () => (await engine.parts()).context;
  const stopSweeping = startSweeper(context, logger);
  const read = (request: Request | IncomingMessage): HttpRequest =>
    request instanceof Request ? fromWebRequest(request) : fromNodeRequest(request, trusts);

  return {
    routes: () => (message, response, next) => {
      const request = read(message);
      const path = engine.pathBelowBase(request.path);
      if (path !== null) void engine.answer(request, path).then((answer) => sendNodeAnswer(response, answer));
      else if (next) next();
      else sendNodeAnswer(response, problem("not-found"));
    },
    guard(guardOptions = {}) {
      const rules = readGuardOptions(guardOptions);
      return (message, response, next = () => {}) => {
        const request = read(message);
        if (isPreflight(request)) return next();
        void engine.check(request, rules).then((result) => {
          if (result.status !== "active")
            return sendNodeAnswer(response, engine.refusal(request, result, rules));
          appendHeaders(response, GUARDED_HEADERS);
          message.curfew = result.session;
          next();
        });
      };
    },
    async handle(webRequest) {
      const request = fromWebRequest(webRequest);
      const path = engine.pathBelowBase(request.path);
      return toWebResponse(path === null ? problem("not-found") : await engine.answer(request, path));
    },
    async check(request, checkOptions = {}) {
      const result = await engine.check(read(request), readGuardOptions(checkOptions));
      return result.status === "active"
        ? result
        : { status: result.status, problem: problemIn(result.answer) };
    },
    ...signInFace(engine, read),
    async end(sid, reason = "revoked") {
      await endSession(await context(), sid, reason);
    },
    async endAll(subject, reason = "revoked") {
      const opened = await context();
      for (const { sid } of await opened.store.listBySubject(opened.app, subject))
        await endSession(opened, sid, reason);
    },
    async list(subject) {
      return listSessions(await context(), subject);
    },
    async health() {
      try {
        await (await context()).store.now();
        return { status: "ok" };
      } catch {
        return { status: "unavailable" };
      }
    },
    async close() {
      stopSweeping();
      const opened = await context().catch(() => null);
      await opened?.audit.close();
      await checked.store.close();
    },
  };
}

/** `start` and `reauthenticate` in both shapes: with a Node response, or returning the headers. */
function signInFace(engine: Engine, read: (request: Request | IncomingMessage) => HttpRequest) {
  const carry = (response: ServerResponse, { session, headers }: SignInResult): Session => {
    appendHeaders(response, [...headers, ...GUARDED_HEADERS]);
    return session;
  };
  const hand = ({ session, headers }: SignInResult): WebSignIn => ({ session, headers: webHeaders(headers) });
  const face =
    <Options extends StartOptions>(work: (request: HttpRequest, options: Options) => Promise<SignInResult>) =>
    async (request: Request | IncomingMessage, second: ServerResponse | Options, third?: Options) =>
      isResponse(second)
        ? carry(second, await work(read(request), optionsIn(third)))
        : hand(await work(read(request), optionsIn(second)));
  async function signOut(request: Request | IncomingMessage, response?: ServerResponse) {
    const headers = await engine.signOut(read(request));
    if (response === undefined) return webHeaders(headers);
    return appendHeaders(response, [...headers, ...GUARDED_HEADERS]);
  }
  return {
    signOut: signOut as SessionVerifier["signOut"],
    start: face<SignInOptions>(engine.start) as SessionVerifier["start"],
    reauthenticate: face<StartOptions>(engine.reauthenticate) as SessionVerifier["reauthenticate"],
  };
}

function webHeaders(headers: readonly HttpHeader[]): Headers {
  return toWebResponse({ status: 200, headers, body: null }).headers;
}

function isResponse(value: unknown): value is ServerResponse {
  return typeof value === "object" && value !== null && "setHeader" in value;
}

function optionsIn<Options>(options: Options | undefined): Options {
  if (options === undefined) throw new SessionError("bad-subject", "give the subject: { subject: user.id }");
  return options;
}

async function listSessions(context: ServerContext, subject: string): Promise<readonly Session[]> {
  const sessions: Session[] = [];
  for (const record of await context.store.listBySubject(context.app, subject)) {
    const settled = await settleSession(context, { record, now: await context.store.now() });
    if (settled?.status === "active") sessions.push(sessionOf(settled.record, context.policy));
  }
  return sessions;
}

function trustedPeers(proxies: readonly string[]): TrustPeer {
  if (proxies.length === 0) return () => false;
  try {
    const trusts = proxyAddr.compile([...proxies]);
    return (address) => address !== "" && trusts(address, 0);
  } catch (error) {
    throw new ConfigurationError(
      `options.trustProxy cannot be used: ${error instanceof Error ? error.message : "unknown error"}; write addresses such as ["loopback", "10.0.0.0/8"]`,
    );
  }
}

function problemIn(answer: HttpAnswer): Problem {
  const body: unknown = typeof answer.body === "string" ? JSON.parse(answer.body) : null;
  return (
    parseProblem(body) ?? {
      type: "urn:curfew:unavailable",
      status: 503,
      title: "The session cannot be checked now",
    }
  );
}
