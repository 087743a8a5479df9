/** `createSessionVerifier`: the one authority over sessions, for Node `http`, Express and fetch-style servers. */

import type { IncomingMessage, ServerResponse } from "node:http";
import { GUARDED_HEADERS } from "../http/caching.js";
import type { HttpHeader, HttpRequest } from "../http/exchange.js";
import { type GuardRules, readGuardOptions, readPageOptions } from "../http/guard-options.js";
import { appendHeaders, sendNodeAnswer } from "../http/node.js";
import { holdUnstored } from "../http/node-caching.js";
import { rememberResponse } from "../http/node-closing.js";
import { problem } from "../http/problems.js";
import { toWebResponse, type WebContext, webHeaders } from "../http/web.js";
import type { Session } from "../lifecycle/view.js";
import { messageOf } from "../platform/errors.js";
import type { StartOptions } from "../subject/authentication.js";
import type { Management } from "../verifier/management.js";
import type { GuardMethods, RequestMethods, SignInMethods } from "../verifier/methods.js";
import type { SessionVerifierOptions } from "../verifier/options.js";
import type { SignInOptions, SignInResult, WebSignIn } from "../verifier/sign-in.js";
import { createVerifier, optionsIn, type Verifier } from "../verifier/verifier.js";

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

interface NodeShape {
  readonly request: [request: Request | IncomingMessage];
  readonly exchange: [request: IncomingMessage, response: ServerResponse];
  readonly more: [];
  readonly begun: Promise<Session>;
  readonly left: Promise<void>;
}

interface FetchShape extends Pick<NodeShape, "request" | "more"> {
  readonly exchange: [request: Request];
  readonly begun: Promise<WebSignIn>;
  readonly left: Promise<Headers>;
}

interface NodeMethods extends Management, GuardMethods<NodeHandler>, RequestMethods<NodeShape> {
  /** All of the protocol below the base path. Mount it before any body parser. */
  routes(): NodeHandler;
  /** The protocol for fetch-style servers. */
  handle(request: Request, context?: WebContext): Promise<Response>;
}

/** What the guard lets pass has its session as `request.curfew`. Sign-in and sign-out are there for Node and for fetch. */
export type SessionVerifier = NodeMethods & SignInMethods<NodeShape> & SignInMethods<FetchShape>;

/**
 * Makes the verifier.
 * @throws ConfigurationError for any mistake in the options, with what to write instead
 */
export function createSessionVerifier(options: SessionVerifierOptions): SessionVerifier {
  const verifier = createVerifier(options);
  return {
    ...verifier.management,
    routes: () => (message, response, next) => {
      rememberResponse(message, response);
      const answered = async (): Promise<boolean> => {
        const answer = await verifier.answer(verifier.read(message));
        if (answer === null && next !== undefined) return false;
        sendNodeAnswer(response, answer ?? problem("not-found"));
        return true;
      };
      goOn(verifier, answered(), response, next);
    },
    guard: (guardOptions = {}) => guardBy(verifier, readGuardOptions(guardOptions)),
    page: (guardOptions = {}) => guardBy(verifier, readPageOptions(guardOptions)),
    async handle(webRequest, context) {
      return toWebResponse(
        (await verifier.answer(verifier.read(webRequest, context))) ?? problem("not-found"),
      );
    },
    check: (request, checkOptions) => verifier.check(verifier.read(request), checkOptions),
    update: (request, changes) => verifier.update(verifier.read(request), changes),
    authorization: (request) => verifier.authorization(verifier.read(request)),
    ...signInFace(verifier),
  };
}

function guardBy(verifier: Verifier, rules: GuardRules): NodeHandler {
  const { read } = verifier;
  return (message, response, next = () => {}) => {
    rememberResponse(message, response);
    const answered = async (): Promise<boolean> => {
      const admission = await verifier.admit(read(message), rules, response);
      if (admission.type === "answered") {
        sendNodeAnswer(response, admission.answer);
        return true;
      }
      appendHeaders(response, GUARDED_HEADERS);
      if (!rules.cacheable) holdUnstored(response, verifier.notes.overridden);
      message.curfew = admission.check.session;
      return false;
    };
    goOn(verifier, answered(), response, next);
  };
}

/** To the app, where nothing was answered. Where an answer cannot be sent nobody passes: the connection ends. */
function goOn(
  { logger }: Verifier,
  answered: Promise<boolean>,
  response: ServerResponse,
  next: (() => void) | undefined,
): void {
  void answered.then(
    (isAnswered) => {
      if (!isAnswered) next?.();
    },
    (error: unknown) => {
      logger.error(`curfew: an answer could not be sent: ${messageOf(error)}`);
      response.destroy();
    },
  );
}

/** `start` and `reauthenticate` in both shapes: with a Node response, or returning the headers. */
function signInFace(verifier: Verifier) {
  const { read } = verifier;
  const carryHeaders = (response: ServerResponse, headers: readonly HttpHeader[]): void => {
    appendHeaders(response, [...headers, ...GUARDED_HEADERS]);
    holdUnstored(response, verifier.notes.overridden);
  };
  const carry = (response: ServerResponse, { session, headers }: SignInResult): Session => {
    carryHeaders(response, headers);
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
    const headers = await verifier.signOut(read(request));
    return response === undefined ? webHeaders(headers) : carryHeaders(response, headers);
  }
  return {
    signOut: signOut as SessionVerifier["signOut"],
    start: face<SignInOptions>(verifier.start) as SessionVerifier["start"],
    reauthenticate: face<StartOptions>(verifier.reauthenticate) as SessionVerifier["reauthenticate"],
  };
}

function isResponse(value: unknown): value is ServerResponse {
  return typeof value === "object" && value !== null && "setHeader" in value;
}
