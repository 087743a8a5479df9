/** `curfew/server/web`: the verifier for fetch-style runtimes, `Request` in, `Response` out. */

import { forbidStoring, GUARDED_HEADERS } from "../http/caching.js";
import { type GuardRules, readGuardOptions, readPageOptions } from "../http/guard-options.js";
import { problem } from "../http/problems.js";
import { toWebResponse, type WebContext, webHeaders } from "../http/web.js";
import type { Session } from "../lifecycle/view.js";
import type { Management } from "../verifier/management.js";
import type { GuardMethods, RequestMethods, SignInMethods } from "../verifier/methods.js";
import type { SessionVerifierOptions } from "../verifier/options.js";
import type { SignInResult, WebSignIn } from "../verifier/sign-in.js";
import { createVerifier } from "../verifier/verifier.js";

/** What the guard says of a request with a live session. */
export interface WebPass {
  readonly session: Session;
  /** Aborts when the session ends, wherever it was ended: close sockets (code 4401) and streams by it. */
  readonly signal: AbortSignal;
  /** Must be on the response; `finish` puts them there. */
  readonly headers: Headers;
  /** The response with these headers, whatever the app's handler says of caches itself. */
  finish(response: Response): Response;
}

/**
 * Resolves with the session, or with the response to return as it is: a refusal, or an empty 204 to a preflight, which
 * has no session. An app with CORS of its own answers preflights before the guard.
 */
export type WebGuard = (request: Request, context?: WebContext) => Promise<WebPass | Response>;

interface WebShape {
  readonly request: [request: Request];
  readonly exchange: [request: Request];
  readonly more: [context?: WebContext];
  readonly begun: Promise<WebSignIn>;
  readonly left: Promise<Headers>;
}

export interface WebSessionVerifier
  extends Management,
    GuardMethods<WebGuard>,
    RequestMethods<WebShape>,
    SignInMethods<WebShape> {
  /** All of the protocol below the base path; 404 for any other path. */
  handle(request: Request, context?: WebContext): Promise<Response>;
}

/**
 * Makes the verifier.
 * @throws ConfigurationError for any mistake in the options, with what to write instead
 */
export function createSessionVerifier(options: SessionVerifierOptions): WebSessionVerifier {
  const verifier = createVerifier(options);
  const { read } = verifier;
  const guardBy =
    (rules: GuardRules): WebGuard =>
    async (request, context) => {
      const admission = await verifier.admit(read(request, context), rules, undefined);
      if (admission.type === "answered") return toWebResponse(admission.answer);
      const { check } = admission;
      return {
        session: check.session,
        get signal() {
          return check.signal;
        },
        headers: webHeaders(GUARDED_HEADERS),
        finish: (response) => finish(response, rules, verifier.notes.overridden),
      };
    };
  return {
    ...verifier.management,
    async handle(request, context) {
      return toWebResponse((await verifier.answer(read(request, context))) ?? problem("not-found"));
    },
    guard: (guardOptions = {}) => guardBy(readGuardOptions(guardOptions)),
    page: (guardOptions = {}) => guardBy(readPageOptions(guardOptions)),
    check: (request, checkOptions, context) => verifier.check(read(request, context), checkOptions),
    start: async (request, signIn, context) => signedIn(await verifier.start(read(request, context), signIn)),
    reauthenticate: async (request, signIn, context) =>
      signedIn(await verifier.reauthenticate(read(request, context), signIn)),
    update: (request, changes, context) => verifier.update(read(request, context), changes),
    authorization: (request, context) => verifier.authorization(read(request, context)),
    signOut: async (request, context) =>
      webHeaders([...(await verifier.signOut(read(request, context))), ...GUARDED_HEADERS]),
  };
}

function finish(response: Response, rules: GuardRules, onOverridden: (said: string) => void): Response {
  // What switches protocols has no body that a cache could keep, and cannot be copied.
  if (response.status === 101) return response;
  const finished = new Response(response.body, response);
  if (rules.cacheable && finished.headers.has("Cache-Control")) return finished;
  const said = forbidStoring(finished.headers);
  if (said !== null) onOverridden(said);
  return finished;
}

function signedIn({ session, headers }: SignInResult): WebSignIn {
  return { session, headers: webHeaders([...headers, ...GUARDED_HEADERS]) };
}
