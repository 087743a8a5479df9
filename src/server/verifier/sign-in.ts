/** Sign-in, reauthentication and sign-out, by the requests in which an app does them. */
import { isFromBrowser } from "../http/browser-marks.js";
import { clientNetworks } from "../http/client-networks.js";
import type { HttpContext } from "../http/context.js";
import type { SessionCookies } from "../http/cookies.js";
import type { HttpHeader, HttpRequest } from "../http/exchange.js";
import { contextOfRequest } from "../http/request-context.js";
import { noteSignIn } from "../http/sign-in-notes.js";
import { actingFor } from "../lifecycle/acting.js";
import { endSession } from "../lifecycle/settle.js";
import { type Session, sessionOf } from "../lifecycle/view.js";
import { Refusal, SessionError } from "../platform/errors.js";
import { isSession, type PresentedSession, type SettledSession } from "../record/outcome.js";
import { type ActedBy, readActedBy } from "../subject/acted-by.js";
import type { SignedIn, StartOptions, SubjectContext } from "../subject/authentication.js";
import { type Authorization, authorizationFor } from "../subject/authorization.js";
import { readCallOptions } from "../subject/call-values.js";
import { reauthenticateSession, updateSession } from "../subject/renewal.js";
import { beginStart, startSession } from "../subject/sign-in.js";
import type { CheckedOptions } from "./read-options.js";
import { refuseCrossSite, refuseUntimed, refuseWrongId } from "./refused-starts.js";

export interface SignInOptions extends StartOptions {
  /**
   * Lets a sign-in that arrives by a cross-site post (`form_post`) start a session although the browser's previous one
   * cannot be seen and so is not ended. Default false.
   */
  readonly orphanPrevious?: boolean;
}

/** What an app says anew of a person, who says it, and why. */
export interface UpdateOptions extends SubjectContext, Pick<StartOptions, "idpTokens">, ActedBy {}

/** A session begun or renewed, and the headers that must reach the browser. */
export interface SignInResult {
  readonly session: Session;
  readonly headers: readonly HttpHeader[];
}

/** The same for fetch-style servers. */
export interface WebSignIn {
  readonly session: Session;
  /** Must be added to the response. */
  readonly headers: Headers;
}

export interface SignIns {
  start(request: HttpRequest, options: SignInOptions): Promise<SignInResult>;
  reauthenticate(request: HttpRequest, options: StartOptions): Promise<SignInResult>;
  /** The app says something new of the person. */
  update(request: HttpRequest, changes: UpdateOptions): Promise<Session>;
  /** What the provider is to be asked for at this browser's next sign-in. */
  authorization(request: HttpRequest): Promise<Authorization>;
  /** Ends what the browser presents, if anything; the headers take its cookie and kept pages. */
  signOut(request: HttpRequest): Promise<readonly HttpHeader[]>;
}

/** @param open what the calls work with, once the store has answered */
export function createSignIns(
  { cookie, identify, idp, warnOnce }: CheckedOptions,
  cookies: SessionCookies,
  open: () => Promise<HttpContext>,
): SignIns {
  const signedIn = ({ secret, ...live }: SignedIn): SignInResult => ({
    session: sessionOf(live),
    headers: live.record.ownId === undefined ? [cookies.set(secret)] : [],
  });
  const liveIn = async (request: HttpRequest, call: string) => {
    const { context, presented } = await open();
    const current = await presented.find(request);
    if (current.status === "active") return { context: contextOfRequest(context, request), current };
    throw new SessionError("ended", `${call}() found no live session in this browser: call start()`);
  };
  return {
    async start(request, options) {
      const { orphanPrevious = false, ...signIn } = readCallOptions("start", options);
      if (cookie === "host" && identify === undefined) noteSignIn(warnOnce, request);
      if (!orphanPrevious) refuseCrossSite(request);
      refuseWrongId(identify !== undefined, signIn.id);
      refuseUntimed("start", idp !== undefined, signIn);
      const { context: anybodys, presented } = await open();
      const context = contextOfRequest(anybodys, request);
      const beginning = await beginStart(context, signIn);
      const previous = settledIn(await presented.findPrevious(request, signIn).catch(notPresented));
      const networks = clientNetworks(context, request);
      const started = await startSession(context, signIn, beginning, { networks, previous });
      if (isFromBrowser(request)) context.unbound.usedByBrowser(started.record.sid);
      return signedIn(started);
    },
    async reauthenticate(request, options) {
      const signIn = readCallOptions("reauthenticate", options);
      refuseUntimed("reauthenticate", idp !== undefined, signIn);
      const { context, current } = await liveIn(request, "reauthenticate");
      return signedIn(await reauthenticateSession(context, current, signIn));
    },
    async update(request, options) {
      const { actor, note, ...changes } = readCallOptions("update", options);
      const by = readActedBy("update() was given", { actor, note });
      const { context, current } = await liveIn(request, "update");
      return sessionOf(await updateSession(actingFor(context, { ...context.by, ...by }), current, changes));
    },
    async authorization(request) {
      const { context, presented } = await open();
      return authorizationFor(context.policy, await presented.needsAuthentication(request).catch(cannotTell));
    },
    async signOut(request) {
      const { context, presented, keptPages } = await open();
      const current = settledIn(await presented.find(request).catch(notPresented));
      if (current === null) return [cookies.clear()];
      await endSession(contextOfRequest(context, request, "person"), current.record.sid, "signed-out");
      return [cookies.clear(), ...keptPages.forgettingHeaders(request, current.record.sid)];
    },
  };
}

function settledIn(presented: PresentedSession): SettledSession | null {
  return isSession(presented) ? presented : null;
}

/** Two session cookies name no previous session that could be ended. */
function notPresented(error: unknown): PresentedSession {
  if (error instanceof Refusal) return { status: "absent" };
  throw error;
}

/** Of two session cookies either may be that of a session that ended by time. */
function cannotTell(error: unknown): boolean {
  if (error instanceof Refusal) return true;
  throw error;
}
