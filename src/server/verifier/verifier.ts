/** The verifier without a framework: options in, answers to requests out. Every adapter and the sidecar are made of it. */
import type { IncomingMessage } from "node:http";
import type { HttpContext } from "../http/context.js";
import { sessionCookies } from "../http/cookies.js";
import type { HttpAnswer, HttpRequest } from "../http/exchange.js";
import {
  type CheckResult,
  checkRequest,
  needsSession,
  type PassedCheck,
  type RefusedCheck,
  type SessionCheck,
} from "../http/guard.js";
import { type CheckOptions, type GuardRules, readCheckOptions } from "../http/guard-options.js";
import { handleProtocol, isProtocolCall } from "../http/handler.js";
import { LOGOUT_PATH } from "../http/logout-post.js";
import { fromNodeRequest, type ToldRequest } from "../http/node.js";
import { originRules } from "../http/origins.js";
import { answerOf, type Refused, refused, refusedBy } from "../http/problems.js";
import { answerProviderEnd, END_PATH } from "../http/provider-end.js";
import { preflightAnswer, refusalFor } from "../http/refusal.js";
import { fromWebRequest, type WebContext } from "../http/web.js";
import type { ServerContext } from "../lifecycle/context.js";
import { later, within } from "../platform/clock.js";
import { environmentName } from "../platform/environment.js";
import {
  ConfigurationError,
  messageWithCause,
  Refusal,
  SessionError,
  StoreUnavailableError,
  UnreadableRecordError,
} from "../platform/errors.js";
import type { Logger } from "../platform/logger.js";
import { trustedPeers } from "../platform/networks.js";
import { STORE_BUDGET } from "../stores/bounded.js";
import type { SessionStore } from "../stores/store.js";
import { openHttp } from "./compose.js";
import { createLogouts, providerReady } from "./logouts.js";
import { createManagement, type Management } from "./management.js";
import { type MountingNotes, mountingNotes } from "./mounting-notes.js";
import type { SessionVerifierOptions } from "./options.js";
import { readOptions } from "./read-options.js";
import { endsOf } from "./receivers.js";
import { createSignIns, type SignIns } from "./sign-in.js";

/** What is known of the connection besides the request. */
interface ReadContext extends WebContext {
  /** Of a Node request whose peer speaks for a browser, as the sidecar's do: what it tells. */
  readonly told?: ToldRequest;
}

type Admission =
  | { readonly type: "passed"; readonly check: PassedCheck }
  | { readonly type: "answered"; readonly answer: HttpAnswer };

export interface Verifier extends SignIns {
  /** The base path of the protocol, such as `/curfew`. */
  readonly base: string;
  readonly logger: Logger;
  readonly notes: MountingNotes;
  /** What every adapter passes on as it is. */
  readonly management: Management;
  /** Ends the streams of news and takes no more: before the process goes. */
  closeStreams(): Promise<void>;
  /** What the rules work with, in the time that a request may wait. @throws StoreUnavailableError */
  context(): Promise<ServerContext>;
  read(request: Request | IncomingMessage, known?: ReadContext): HttpRequest;
  /** The protocol's answer, or null for a path of the app's own. */
  answer(request: HttpRequest): Promise<HttpAnswer | null>;
  /** A read: what has become of the session that the request presents. @throws ConfigurationError */
  check(request: HttpRequest, options?: CheckOptions): Promise<SessionCheck>;
  /** The same by rules that were read at start. */
  checkBy(rules: GuardRules, request: HttpRequest): Promise<CheckResult>;
  /** Whether the policy's rules for the request's path ask for what only a session has. @throws StoreUnavailableError */
  needsSession(request: HttpRequest): Promise<boolean>;
  /**
   * What a guard does with a request, whatever its method and headers say: it passes with a live session, and no other
   * way. A preflight has none, so the guard answers it.
   * @param response the framework's own, for the app's `onEnd`
   */
  admit(request: HttpRequest, rules: GuardRules, response: unknown): Promise<Admission>;
  /** What a request gets that the check refused. */
  refusal(request: HttpRequest, check: RefusedCheck, rules: GuardRules): HttpAnswer;
}

/** @throws ConfigurationError for any mistake in the options, with what to write instead */
export function createVerifier(options: SessionVerifierOptions): Verifier {
  const checked = readOptions(options, environmentName());
  const { base, logger, signInUrl, store } = checked;
  const cookies = sessionCookies(checked.name, checked.cookie);
  const origins = originRules(checked.origins, checked.warnOnce);
  const trusts = trustedPeers(checked.trustProxy);
  const notes = mountingNotes(checked);
  const tellOnce = mistakesOnce(logger);
  const provider = checked.idp === true ? undefined : checked.idp;
  const ends = endsOf(checked.idp);
  const opened = openOnce(() => openHttp(checked, cookies, origins).catch(tellOnce));
  let http: HttpContext | null = null;
  /** In the time that a request may wait. @throws StoreUnavailableError while the store is still being tried */
  const open = async () => {
    http ??= await within(STORE_BUDGET, opened(), () => stillTried(store));
    return http;
  };
  const context = async () => (await open()).context;
  const logouts = provider === undefined ? null : createLogouts(provider, context, logger);
  // The store is tried at once, so that a wrong one is told of at start.
  opened().catch(() => {});
  if (provider !== undefined)
    void providerReady(provider, logger)
      .catch(tellOnce)
      .catch(() => {});
  const pathBelowBase = (path: string) => (path.startsWith(`${base}/`) ? path.slice(base.length) : null);
  /** Whatever went wrong, nobody is let in and nothing is extended: 503, and the reason in the log. */
  const unavailable = (error: unknown): Refused => {
    // Of a record that cannot be read the log has been told, once.
    if (!(error instanceof UnreadableRecordError)) logger.error(`curfew: ${messageWithCause(error)}`);
    return refused("unavailable");
  };
  const verifier: Verifier = {
    base,
    logger,
    notes,
    context,
    async closeStreams() {
      (await opened()).events.close();
    },
    management: createManagement(checked, context, opened, {
      ready: async () => {
        if (provider !== undefined) await providerReady(provider, logger);
      },
      close: () => logouts?.close(),
    }),
    ...createSignIns(checked, cookies, open),
    read: (request, known) =>
      isWebRequest(request)
        ? fromWebRequest(request, known, trusts)
        : fromNodeRequest(request, trusts, known?.told),
    async answer(request) {
      const path = pathBelowBase(request.path);
      if (path === null) return null;
      if (path === LOGOUT_PATH && logouts !== null) return logouts.answer(request);
      try {
        if (path === END_PATH && ends?.keeps === "idToken")
          return answerOf(await answerProviderEnd(await open(), request, ends.addressFor));
        return await handleProtocol(await open(), request, path);
      } catch (error) {
        const { problem, headers } = error instanceof Refusal ? refusedBy(error) : unavailable(error);
        return answerOf({ problem, headers: [...headers, ...origins.readHeaders(request)] });
      }
    },
    async check(request, options = {}) {
      const { path, rules } = readCheckOptions(options);
      // No rule can read an empty path, so the strictest of them holds.
      const asked = path === undefined ? request : { ...request, path: path ?? "" };
      const result = await verifier.checkBy(rules, asked);
      if (result.status !== "active") return { status: result.status, problem: result.problem };
      const { status, session } = result;
      return {
        status,
        session,
        get signal() {
          return result.signal;
        },
      };
    },
    async checkBy(rules, request) {
      try {
        return await checkRequest(await open(), request, rules);
      } catch (error) {
        return { status: "unavailable", ...unavailable(error) };
      }
    },
    needsSession: async (request) => needsSession(await open(), request),
    async admit(request, rules, response) {
      const preflight = preflightAnswer(origins, request);
      if (preflight !== null) return { type: "answered", answer: preflight };
      const check = await verifier.checkBy(rules, request);
      if (check.status === "active") return { type: "passed", check };
      // The app can take its own cookie, for it is this very browser that presents the end.
      if (check.ended !== undefined && checked.onEnd !== undefined)
        await (await context()).notices.tell(check.ended, response);
      if (isProtocolCall(pathBelowBase(request.path))) notes.guardedProtocol();
      return { type: "answered", answer: verifier.refusal(request, check, rules) };
    },
    refusal: (request, check, { page }) =>
      refusalFor({ origins, signInUrl, page, onGuardedSignIn: notes.guardedSignIn }, request, check),
  };
  return verifier;
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

/** Tells the log of a mistake in the configuration, once for each, though it is met again and again. */
function mistakesOnce(logger: Logger): (error: unknown) => never {
  let told = "";
  return (error) => {
    if (error instanceof ConfigurationError && error.message !== told) {
      told = error.message;
      logger.error(`curfew: ${told}`);
    }
    throw error;
  };
}

function stillTried({ name }: SessionStore): StoreUnavailableError {
  return new StoreUnavailableError(
    `the ${name} store is still being tried; await sessions.ready() before listen()`,
  );
}
