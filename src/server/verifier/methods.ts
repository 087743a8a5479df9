/** The methods that the verifier has in every framework, documented once; the adapters say how a call looks in theirs. */

import type { SessionCheck } from "../http/guard.js";
import type { CheckOptions, GuardOptions } from "../http/guard-options.js";
import type { Session } from "../lifecycle/view.js";
import type { StartOptions } from "../subject/authentication.js";
import type { Authorization } from "../subject/authorization.js";
import type { SignInOptions, UpdateOptions } from "./sign-in.js";

/** How the calls of a framework look. */
interface CallShape {
  /** What a call is told of the request by. */
  readonly request: readonly unknown[];
  /** The same with what the answer goes out by. */
  readonly exchange: readonly unknown[];
  /** What a call may be given besides its options. */
  readonly more: readonly unknown[];
  /** What a sign-in returns. */
  readonly begun: Promise<unknown>;
  /** What a sign-out returns. */
  readonly left: Promise<unknown>;
}

export interface GuardMethods<Guard> {
  /**
   * Lets a request with a live session pass, refuses all others, and extends nothing. It answers a preflight itself: an
   * app with CORS of its own mounts that in front. @throws ConfigurationError
   */
  guard(options?: GuardOptions): Guard;
  /**
   * The guard of a page that the server renders: who is signed out goes to sign in. Where the policy says
   * `withoutScript: "navigation"`, a person's navigation extends a session that has no key. @throws ConfigurationError
   */
  page(options?: GuardOptions): Guard;
}

export interface RequestMethods<Shape extends Pick<CallShape, "request" | "more">> {
  /** A read: what has become of the session that the request presents. */
  check(
    ...call: [...request: Shape["request"], options?: CheckOptions, ...more: Shape["more"]]
  ): Promise<SessionCheck>;
  /** The person's roles or attributes have changed: the session's policy is resolved again. @throws SessionError, StoreUnavailableError */
  update(
    ...call: [...request: Shape["request"], changes: UpdateOptions, ...more: Shape["more"]]
  ): Promise<Session>;
  /** What to ask the identity provider for at this browser's next sign-in: `max_age`, and `prompt` where an older authentication would be refused. @throws StoreUnavailableError */
  authorization(...call: [...request: Shape["request"], ...more: Shape["more"]]): Promise<Authorization>;
}

export interface SignInMethods<Shape extends CallShape> {
  /** Starts a session at sign-in and ends the one that the browser had (`replaced`). @throws SessionError, StoreUnavailableError */
  start(
    ...call: [...exchange: Shape["exchange"], options: SignInOptions, ...more: Shape["more"]]
  ): Shape["begun"];
  /** The person has proven again who they are: same sid and key, new cookie, both deadlines anew. @throws SessionError, StoreUnavailableError */
  reauthenticate(
    ...call: [...exchange: Shape["exchange"], options: StartOptions, ...more: Shape["more"]]
  ): Shape["begun"];
  /** The app's own sign-out route: ends the browser's session, if it has one, and takes its cookie and kept pages. @throws StoreUnavailableError */
  signOut(...call: [...exchange: Shape["exchange"], ...more: Shape["more"]]): Shape["left"];
}
