/** The verifier without a framework: what every adapter is made of. */
import type { IncomingMessage } from "node:http";
import { type Problem, parseProblem } from "../../protocol/problem.js";
import type { HttpAnswer, HttpRequest } from "../http/exchange.js";
import type { RefusedCheck } from "../http/guard.js";
import { type CheckOptions, readGuardOptions } from "../http/guard-options.js";
import { fromNodeRequest } from "../http/node.js";
import { fromWebRequest, type WebContext } from "../http/web.js";
import { environmentName } from "../platform/environment.js";
import { SessionError } from "../platform/errors.js";
import type { Logger } from "../platform/logger.js";
import { trustedPeers } from "../platform/networks.js";
import { createManagement, type Management } from "./management.js";
import { readOptions, type SessionVerifierOptions } from "./options.js";
import { createEngine, type Engine } from "./verifier.js";
import type { SessionCheck } from "./verifier.types.js";

/** What is known of the connection besides the request. */
export interface ReadContext extends WebContext {
  /** Of Node's requests: whether the peer speaks for a browser, as the sidecar's do. Default false. */
  readonly relayed?: boolean;
}

export interface Core {
  readonly engine: Engine;
  /** The base path of the protocol, such as `/curfew`. */
  readonly base: string;
  readonly logger: Logger;
  /** What every adapter passes on as it is. */
  readonly management: Management;
  read(request: Request | IncomingMessage, context?: ReadContext): HttpRequest;
  /** The protocol's answer, or null for a path of the app's own. */
  answer(request: HttpRequest): Promise<HttpAnswer | null>;
  /** A read: what has become of the session that the request presents. */
  check(request: HttpRequest, options?: CheckOptions): Promise<SessionCheck>;
}

/** @throws ConfigurationError for any mistake in the options, with what to write instead */
export function createCore(options: SessionVerifierOptions): Core {
  const checked = readOptions(options, environmentName());
  const engine = createEngine(checked);
  const trusts = trustedPeers(checked.trustProxy);
  return {
    engine,
    base: checked.base,
    logger: checked.logger,
    management: createManagement(engine, checked),
    read: (request, context) =>
      isWebRequest(request)
        ? fromWebRequest(request, context, trusts)
        : fromNodeRequest(request, trusts, context?.relayed),
    async answer(request) {
      const path = engine.pathBelowBase(request.path);
      return path === null ? null : engine.answer(request, path);
    },
    async check(request, { path, ...guardOptions }: CheckOptions = {}) {
      // No rule can read an empty path, so the strictest of them holds.
      const asked = path === undefined ? request : { ...request, path: path ?? "" };
      const result = await engine.check(asked, readGuardOptions(guardOptions));
      return result.status === "active" ? result : { status: result.status, problem: problemIn(result) };
    },
  };
}

/** By what it can do: frameworks bring classes of their own, or put one in the place of the global `Request`. */
function isWebRequest(request: Request | IncomingMessage): request is Request {
  return typeof request.headers.get === "function";
}

/** The options of a call that must have some. @throws SessionError */
export function optionsIn<Options>(options: Options | undefined): Options {
  if (options === undefined) throw new SessionError("bad-subject", "give the subject: { subject: user.id }");
  return options;
}

function problemIn({ answer }: RefusedCheck): Problem {
  const body: unknown = typeof answer.body === "string" ? JSON.parse(answer.body) : null;
  return (
    parseProblem(body) ?? {
      type: "urn:curfew:unavailable",
      status: 503,
      title: "The session cannot be checked now",
    }
  );
}
