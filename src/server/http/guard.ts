/** The guard in front of the app's own routes: lets a live session pass, refuses all else, extends nothing. */

import type { Problem } from "../../protocol/problem.js";
import { extendByNavigation } from "../activity/navigation.js";
import { recordThinned } from "../audit/thinned.js";
import { recordUseAfterEnd } from "../audit/use-after-end.js";
import { acceptProof, issueChallenge } from "../key/proof.js";
import { contextOf } from "../lifecycle/times.js";
import { type Session, sessionOf } from "../lifecycle/view.js";
import { Refusal, StoreUnavailableError } from "../platform/errors.js";
import { isObserving } from "../policy/observing.js";
import { resolveRoute, strictest } from "../policy/resolve.js";
import { type EndedSession, isSession, type LiveSession } from "../record/outcome.js";
import { clientNetworks } from "./client-networks.js";
import type { HttpContext } from "./context.js";
import { type HttpRequest, pathWithQuery } from "./exchange.js";
import type { GuardRules } from "./guard-options.js";
import { isPersonsNavigation } from "./navigation.js";
import { bodyInTime } from "./posted-body.js";
import { noSession, type Refused, refused, refusedBy, stepUp } from "./problems.js";
import { httpOfRequest } from "./request-context.js";

/** `none`: no cookie, or one that names nothing; `stale`: a more recent authentication or a proof is needed. */
export type CheckResult = PassedCheck | RefusedCheck;

export interface PassedCheck {
  readonly status: "active";
  readonly session: Session;
  /** Aborts when the session ends, wherever it was ended. */
  readonly signal: AbortSignal;
}

export interface RefusedCheck extends Refused {
  readonly status: "ended" | "none" | "stale" | "forbidden" | "unavailable" | "refused";
  /** With `ended`. */
  readonly ended?: EndedSession;
}

/** What has become of a request's session, as its app is told. */
export type SessionCheck =
  | {
      readonly status: "active";
      readonly session: Session;
      /**
       * Aborts when the session ends, wherever it was ended: close sockets (code 4401) and streams by it. Its `reason` is
       * a `SessionEndedError`.
       */
      readonly signal: AbortSignal;
    }
  | {
      readonly status: "ended" | "none" | "stale" | "forbidden" | "unavailable" | "refused";
      readonly problem: Problem;
    };

type StaleCheck = RefusedCheck & { readonly status: "stale" };

/** What reads as a proof of a larger upload than this is refused. */
const PROVEN_BODY_LIMIT = 1024 * 1024;

/** A read: says what has become of the session that the request presents. Never throws for a bad request or store. */
export async function checkRequest(
  http: HttpContext,
  request: HttpRequest,
  rules: GuardRules,
): Promise<CheckResult> {
  try {
    return await check(httpOfRequest(http, request), request, rules);
  } catch (error) {
    if (error instanceof StoreUnavailableError) return { status: "unavailable", ...refused("unavailable") };
    if (!(error instanceof Refusal)) throw error;
    return { status: "refused", ...refusedBy(error) };
  }
}

async function check(http: HttpContext, request: HttpRequest, rules: GuardRules): Promise<CheckResult> {
  const { context, presented } = http;
  const session = await presented.find(request, context);
  if (!isSession(session)) return none(http);
  if (session.status === "ended") return ended(http, request, session);
  const demanded = refusedByRules(http, request, rules, session);
  if (demanded !== null) return demanded;
  const proven = rules.proof ? await provenSession(http, request, session) : session;
  const current =
    proven?.status === "active" && rules.countsNavigation
      ? await extendByNavigation(context, proven, isPersonsNavigation(request))
      : proven;
  if (current === null) return none(http);
  if (current.status === "ended") return ended(http, request, current);
  return current.status === "active" ? passed(http, request, current) : current;
}

class Passed implements PassedCheck {
  readonly status = "active";
  readonly session: Session;
  readonly #signalOf: () => AbortSignal;
  #signal: AbortSignal | undefined;

  constructor(session: Session, signalOf: () => AbortSignal) {
    this.session = session;
    this.#signalOf = signalOf;
  }

  /** Asked for once, and kept: after the end a new one would be of a session that nobody watches any more. */
  get signal(): AbortSignal {
    this.#signal ??= this.#signalOf();
    return this.#signal;
  }
}

function passed({ context }: HttpContext, request: HttpRequest, live: LiveSession): PassedCheck {
  return new Passed(sessionOf(live), () => context.signals.signalOf(live, request));
}

function none({ context }: HttpContext): RefusedCheck {
  return { status: "none", ...noSession(context.signInUrl) };
}

function ended({ context, keptPages }: HttpContext, request: HttpRequest, session: EndedSession) {
  recordUseAfterEnd(context, session);
  return { status: "ended", ...keptPages.ended(request, session), ended: session } as const;
}

/** Whether the policy's rules for the request's path ask for what only a session has: a role, or a recent authentication or activity. */
export function needsSession({ context }: HttpContext, request: HttpRequest): boolean {
  const nobody = { roles: [], attributes: {}, networks: clientNetworks(context, request) };
  const { requiredRoles, freshPeriod, idleTimeout } = resolveRoute(context.policy, nobody, request.path);
  return requiredRoles.length > 0 || freshPeriod !== null || idleTimeout !== null;
}

/** What the route and the policy's rules for it ask for beyond a live session; null where all of it is there. */
function refusedByRules(
  { context }: HttpContext,
  request: HttpRequest,
  rules: GuardRules,
  { record, now }: LiveSession,
): RefusedCheck | null {
  const { policy } = context;
  const { scope = "" } = record.attributes ?? {};
  const scopes = String(scope).split(" ");
  const demand = resolveRoute(policy, contextOf(record), request.path);
  const required = rules.roles === null ? demand.requiredRoles : [rules.roles, ...demand.requiredRoles];
  const hasRoles = required.every((oneOf) => oneOf.some((role) => record.roles.includes(role)));
  if (!hasRoles || !rules.scopes.every((part) => scopes.includes(part)))
    return { status: "forbidden", ...refused("forbidden") };
  const stale = (maxAge: number, code: string): RefusedCheck | null => {
    const observing = isObserving(policy, now);
    recordThinned(context, observing ? "would_refuse" : "step_up_required", now, record, { code });
    return observing ? null : { status: "stale", ...stepUp(Math.floor(maxAge / 1_000)) };
  };
  const freshPeriod = strictest([rules.freshPeriod, demand.freshPeriod]);
  if (freshPeriod !== null && now - record.authenticatedAt >= freshPeriod) {
    const refusal = stale(freshPeriod, "fresh");
    if (refusal !== null) return refusal;
  }
  const idleTimeout = strictest([rules.idleTimeout, demand.idleTimeout]);
  const pause = Math.max(record.longestGap ?? 0, now - record.lastActiveAt);
  return idleTimeout !== null && pause >= idleTimeout ? stale(idleTimeout, "idle") : null;
}

/** The session once the bound key has signed this request; a refusal that asks for it where it has not. */
async function provenSession(
  { context, limits }: HttpContext,
  request: HttpRequest,
  session: LiveSession,
): Promise<LiveSession | EndedSession | StaleCheck | null> {
  const who = { sid: session.record.sid, address: request.address };
  await limits.beforeVerifying(who);
  const proof = request.header("curfew-proof");
  if (proof === null) {
    recordThinned(context, "step_up_required", session.now, session.record, { code: "proof" });
    const challenge = await issueChallenge(context, session);
    return typeof challenge === "string" ? { status: "stale", ...stepUp(null, challenge) } : challenge;
  }
  try {
    return await acceptProof(context, session, proof, {
      method: request.method,
      path: pathWithQuery(request),
      origin: request.header("origin") ?? request.origin,
      body: await bodyOf(request),
    });
  } catch (error) {
    if (error instanceof Refusal) await limits.failed(who);
    throw error;
  }
}

async function bodyOf(request: HttpRequest): Promise<Uint8Array> {
  const body = await bodyInTime(request.peek(PROVEN_BODY_LIMIT), PROVEN_BODY_LIMIT, "A body that is proven");
  if (body.type === "bytes") return body.bytes;
  throw new Refusal(
    "bad-request",
    "The bytes of this body cannot be seen any more: put the guard before any body parser, and send the body with a Content-Length.",
    { code: "body-consumed" },
  );
}
