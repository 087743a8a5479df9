/** The verifier without a framework: options in, answers to `HttpRequest`s out. */

import { isFromBrowser } from "../http/browser-marks.js";
import { clientNetworks } from "../http/client-networks.js";
import { sessionCookies } from "../http/cookies.js";
import type { HttpAnswer, HttpHeader, HttpRequest } from "../http/exchange.js";
import { type CheckResult, checkRequest, type PassedCheck, type RefusedCheck } from "../http/guard.js";
import type { GuardRules } from "../http/guard-options.js";
import { handleProtocol, isProtocolCall } from "../http/handler.js";
import type { HandlerParts } from "../http/handler-parts.js";
import { originRules } from "../http/origins.js";
import type { PresentedSession } from "../http/presented-session.js";
import { problem, refusalProblem } from "../http/problems.js";
import { preflightAnswer, refusalFor } from "../http/refusal.js";
import { noteSignIn } from "../http/sign-in-notes.js";
import { endSession } from "../lifecycle/settle.js";
import { type Session, sessionOf } from "../lifecycle/view.js";
import { later, within } from "../platform/clock.js";
import {
  messageWithCause,
  Refusal,
  SessionError,
  StoreUnavailableError,
  UnreadableRecordError,
} from "../platform/errors.js";
import type { SettledSession } from "../record/outcome.js";
import { STORE_BUDGET } from "../stores/bounded.js";
import type { SessionStore } from "../stores/store.js";
import type { SignedIn, StartOptions, SubjectContext } from "../subject/authentication.js";
import { type Authorization, authorizationFor } from "../subject/authorization.js";
import { reauthenticateSession, updateSession } from "../subject/renewal.js";
import { beginStart, startSession } from "../subject/sign-in.js";
import { refuseIllFormed } from "../subject/well-formed.js";
import { openParts } from "./compose.js";
import { type MountingNotes, mountingNotes } from "./mounting-notes.js";
import type { CheckedOptions } from "./options.js";
import { refuseCrossSite, refuseWrongId } from "./refused-starts.js";

export interface SignInOptions extends StartOptions {
  /**
   * Lets a sign-in that arrives by a cross-site post (`form_post`) start a session although the browser's previous one
   * cannot be seen and so is not ended. Default false.
   */
  readonly orphanPrevious?: boolean;
}

/** A session begun or renewed, and the headers that must reach the browser. */
export interface SignInResult {
  readonly session: Session;
  readonly headers: readonly HttpHeader[];
}

export type Admission =
  | { readonly type: "passed"; readonly check: PassedCheck }
  | { readonly type: "answered"; readonly answer: HttpAnswer };

export interface Engine {
  /**
   * Everything the handlers need, in the time that a request may wait.
   * @throws StoreUnavailableError until the store has answered once, and while it is still being tried
   */
  parts(): Promise<HandlerParts>;
  /** The same for whoever can wait until the store has passed its self-test, or failed it. */
  opened(): Promise<HandlerParts>;
  readonly notes: MountingNotes;
  /** The path below the base, or null for a path of the app's own. */
  pathBelowBase(path: string): string | null;
  answer(request: HttpRequest, path: string): Promise<HttpAnswer>;
  check(request: HttpRequest, rules: GuardRules): Promise<CheckResult>;
  /**
   * What a guard does with a request, whatever its method and headers say: it passes with a live session, and no other
   * way. A preflight has none, so the guard answers it.
   * @param response the framework's own, for the app's `onEnd`
   */
  admit(request: HttpRequest, rules: GuardRules, response: unknown): Promise<Admission>;
  /** What a request gets that the check refused. */
  refusal(request: HttpRequest, refused: RefusedCheck, rules: GuardRules): HttpAnswer;
  start(request: HttpRequest, options: SignInOptions): Promise<SignInResult>;
  reauthenticate(request: HttpRequest, options: StartOptions): Promise<SignInResult>;
  /** The app says something new of the person. */
  update(request: HttpRequest, changes: SubjectContext): Promise<SignInResult>;
  /** What the provider is to be asked for at this browser's next sign-in. */
  authorization(request: HttpRequest): Promise<Authorization>;
  /** Ends what the browser presents, if anything; the headers take its cookie and kept pages. */
  signOut(request: HttpRequest): Promise<readonly HttpHeader[]>;
}

export function createEngine(options: CheckedOptions): Engine {
  const cookies = sessionCookies(options.name, options.cookie);
  const origins = originRules(options.origins, options.warnOnce);
  const opened = openOnce(() => openParts(options, cookies, origins));
  const parts = () =>
    within(STORE_BUDGET, opened(), () => new StoreUnavailableError(stillTried(options.store)));
  const notes = mountingNotes(options);
  const signedIn = ({ secret, ...live }: SignedIn): SignInResult => ({
    session: sessionOf(live),
    headers: live.record.ownId === undefined ? [cookies.set(secret)] : [],
  });
  const liveIn = async (request: HttpRequest, call: string) => {
    const { context, presenter } = await parts();
    const current = await presenter.find(request);
    if (current.status === "active") return { context, current };
    throw new SessionError("ended", `${call}() found no live session in this browser: call start()`, 401);
  };
  // The store is tried at once, so that a wrong one is told of at start.
  opened().catch(() => {});
  const engine: Engine = {
    parts,
    opened,
    notes,
    pathBelowBase: (path) => (path.startsWith(`${options.base}/`) ? path.slice(options.base.length) : null),
    async answer(request, path) {
      try {
        return await handleProtocol(await parts(), request, path);
      } catch (error) {
        const answer = error instanceof Refusal ? refusalProblem(error) : unavailable(options, error);
        return { ...answer, headers: [...answer.headers, ...origins.readHeaders(request)] };
      }
    },
    async check(request, rules) {
      try {
        return await checkRequest(await parts(), request, rules);
      } catch (error) {
        return { status: "unavailable", answer: unavailable(options, error) };
      }
    },
    async admit(request, rules, response) {
      const preflight = preflightAnswer(origins, request);
      if (preflight !== null) return { type: "answered", answer: preflight };
      const check = await engine.check(request, rules);
      if (check.status === "active") return { type: "passed", check };
      // The app can take its own cookie, for it is this very browser that presents the end.
      if (check.ended !== undefined && options.onEnd !== undefined)
        await (await parts()).context.notices.tell(check.ended, response);
      if (isProtocolCall(engine.pathBelowBase(request.path))) notes.guardedProtocol();
      return { type: "answered", answer: engine.refusal(request, check, rules) };
    },
    refusal: (request, refused, { page }) =>
      refusalFor(
        { origins, signInUrl: options.signInUrl, page, onGuardedSignIn: notes.guardedSignIn },
        request,
        refused,
      ),
    async start(request, { orphanPrevious = false, ...signIn }) {
      refuseIllFormed("start() was given", signIn);
      if (options.cookie === "host" && options.identify === undefined) noteSignIn(options.warnOnce, request);
      if (!orphanPrevious) refuseCrossSite(request);
      refuseWrongId(options.identify !== undefined, signIn.id);
      const { context, presenter } = await parts();
      const beginning = await beginStart(context, signIn);
      const previous = await presenter.findPrevious(request, signIn).catch(notPresented);
      const networks = clientNetworks(context, request);
      const browser = { networks, previous: settledIn(previous) };
      const started = await startSession(context, signIn, beginning, browser);
      if (isFromBrowser(request)) context.unbound.usedByBrowser(started.record.sid);
      return signedIn(started);
    },
    async reauthenticate(request, signIn) {
      refuseIllFormed("reauthenticate() was given", signIn);
      const { context, current } = await liveIn(request, "reauthenticate");
      return signedIn(await reauthenticateSession(context, current, signIn));
    },
    async update(request, changes) {
      refuseIllFormed("update() was given", changes);
      const { context, current } = await liveIn(request, "update");
      return { session: sessionOf(await updateSession(context, current, changes)), headers: [] };
    },
    async authorization(request) {
      const { context, presenter } = await parts();
      return authorizationFor(context.policy, await presenter.needsAuthentication(request).catch(cannotTell));
    },
    async signOut(request) {
      const { context, presenter } = await parts();
      const current = await presenter.find(request).catch(notPresented);
      if (current.status === "absent" || current.status === "unknown") return [cookies.clear()];
      await endSession(context, current.record.sid, "signed-out");
      return [cookies.clear(), ...presenter.forgettingHeaders(request, current.record.sid)];
    },
  };
  return engine;
}

function settledIn(presented: PresentedSession): SettledSession | null {
  return presented.status === "absent" || presented.status === "unknown" ? null : presented;
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

/** How soon a store that could not be opened is tried again: not for each request anew. */
const RETRY_INTERVAL = 250;

/** Keeps what came of `work` once it has succeeded; a store that is down is tried again. */
function openOnce<T>(work: () => Promise<T>): () => Promise<T> {
  let opened: Promise<T> | null = null;
  return () => {
    opened ??= work().catch((error: unknown) => {
      later(RETRY_INTERVAL, async () => {
        opened = null;
      });
      throw error;
    });
    return opened;
  };
}

function stillTried({ name }: SessionStore): string {
  return `the ${name} store is still being tried; await sessions.ready() before listen()`;
}

/** Whatever went wrong, nobody is let in and nothing is extended: 503, and the reason in the log. */
function unavailable({ logger }: CheckedOptions, error: unknown): HttpAnswer {
  // Of a record that cannot be read the log has been told, once.
  if (!(error instanceof UnreadableRecordError)) logger.error(`curfew: ${messageWithCause(error)}`);
  return problem("unavailable");
}
