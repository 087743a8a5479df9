/** `createSessionVerifier`: the one authority over sessions, for Node `http`, Express and fetch-style servers. */

import type { IncomingMessage, ServerResponse } from "node:http";
import { GUARDED_HEADERS } from "../http/caching.js";
import type { HttpHeader, HttpRequest } from "../http/exchange.js";
import {
  type CheckOptions,
  type GuardOptions,
  type GuardRules,
  readGuardOptions,
  readPageOptions,
} from "../http/guard-options.js";
import { appendHeaders, sendNodeAnswer } from "../http/node.js";
import { holdUnstored } from "../http/node-caching.js";
import { rememberResponse } from "../http/node-closing.js";
import { problem } from "../http/problems.js";
import { toWebResponse, type WebContext, webHeaders } from "../http/web.js";
import type { Session } from "../lifecycle/view.js";
import { messageOf } from "../platform/errors.js";
import type { StartOptions, SubjectContext } from "../subject/authentication.js";
import type { Authorization } from "../subject/authorization.js";
import type { Management } from "../verifier/management.js";
import type { SessionVerifierOptions } from "../verifier/options.js";
import type { SignInOptions, SignInResult, WebSignIn } from "../verifier/sign-in.js";
import { createVerifier, optionsIn, type SessionCheck, type Verifier } from "../verifier/verifier.js";

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

export interface SessionVerifier extends Management {
  /** All of the protocol below the base path. Mount it before any body parser. */
  routes(): NodeHandler;
  /**
   * Lets a request with a live session pass as `request.curfew`, refuses all others, and extends nothing. It answers a
   * preflight itself: an app with CORS of its own mounts that in front. @throws ConfigurationError
   */
  guard(options?: GuardOptions): NodeHandler;
  /**
   * The guard of a page that the server renders: who is signed out goes to sign in. Where the policy says
   * `withoutScript: "navigation"`, a person's navigation extends a session that has no key. @throws ConfigurationError
   */
  page(options?: GuardOptions): NodeHandler;
  /** The protocol for fetch-style servers. */
  handle(request: Request, context?: WebContext): Promise<Response>;
  /** A read: what has become of the session that the request presents. */
  check(request: Request | IncomingMessage, options?: CheckOptions): Promise<SessionCheck>;
  /** Starts a session at sign-in and ends the one that the browser had (`replaced`). @throws SessionError, StoreUnavailableError */
  start(request: IncomingMessage, response: ServerResponse, options: SignInOptions): Promise<Session>;
  start(request: Request, options: SignInOptions): Promise<WebSignIn>;
  /** The person has proven again who they are: same sid and key, new cookie, both deadlines anew. @throws SessionError, StoreUnavailableError */
  reauthenticate(request: IncomingMessage, response: ServerResponse, options: StartOptions): Promise<Session>;
  reauthenticate(request: Request, options: StartOptions): Promise<WebSignIn>;
  /** The person's roles or attributes have changed: the session's policy is resolved again. @throws SessionError, StoreUnavailableError */
  update(request: Request | IncomingMessage, changes: SubjectContext): Promise<Session>;
  /** What to ask the identity provider for at this browser's next sign-in: `max_age`, and `prompt` where an older authentication would be refused. @throws StoreUnavailableError */
  authorization(request: Request | IncomingMessage): Promise<Authorization>;
  /** The app's own sign-out route: ends the browser's session, if it has one, and takes its cookie and kept pages. @throws StoreUnavailableError */
  signOut(request: IncomingMessage, response: ServerResponse): Promise<void>;
  signOut(request: Request): Promise<Headers>;
}

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
