/** The guard in front of the app's own routes: lets a live session pass, refuses all else, extends nothing. */
import * as v from "valibot";
import { isFresh, type Session, sessionOf } from "../check-session.js";
import { durationSchema, readConfiguration } from "../configuration.js";
import { Refusal, StoreUnavailableError } from "../errors.js";
import type { LiveSession } from "../settle-session.js";
import { type HttpAnswer, type HttpHeader, type HttpRequest, NO_STORE } from "./exchange.js";
import type { HandlerParts } from "./handler.js";
import type { OriginRules } from "./origins.js";
import { noSessionProblem, problem, refusalProblem, stepUpProblem } from "./problems.js";

/** Guard options only ever tighten. */
export interface GuardOptions {
  /** How recent the authentication must be, such as `"5m"`; else 401 `step-up` (RFC 9470). */
  readonly fresh?: string;
  /** Whether the route is a page, so that who is signed out is always sent to sign in. Default: only where the request is a navigation. */
  readonly page?: boolean;
}

export interface GuardRules {
  readonly freshPeriod: number | null;
  readonly page: boolean;
}

/** `none`: no cookie, or one that names nothing; `stale`: a more recent authentication is needed. */
export type CheckResult = { readonly status: "active"; readonly session: Session } | RefusedCheck;

export interface RefusedCheck {
  readonly status: "ended" | "none" | "stale" | "unavailable" | "refused";
  readonly answer: HttpAnswer;
}

const schema = v.strictObject(
  {
    fresh: v.optional(durationSchema),
    page: v.optional(v.boolean("must be true or false"), false),
  },
  'must be an object, such as { fresh: "5m" }',
);

/** @throws ConfigurationError at start, never at the first request */
export function readGuardOptions(options: unknown): GuardRules {
  const { fresh, page } = readConfiguration(schema, options, "guard");
  return { freshPeriod: fresh ?? null, page };
}

/** A read: says what has become of the session that the request presents. Never throws for a bad request or store. */
export async function checkRequest(
  parts: HandlerParts,
  request: HttpRequest,
  rules: GuardRules,
): Promise<CheckResult> {
  try {
    return await check(parts, request, rules);
  } catch (error) {
    if (error instanceof StoreUnavailableError)
      return { status: "unavailable", answer: problem("unavailable") };
    if (!(error instanceof Refusal)) throw error;
    return { status: "refused", answer: refusalProblem(error) };
  }
}

async function check(parts: HandlerParts, request: HttpRequest, rules: GuardRules): Promise<CheckResult> {
  const { context, presenter, useAfterEnd } = parts;
  const session = await presenter.find(request);
  if (session.status === "absent" || session.status === "unknown")
    return { status: "none", answer: noSessionProblem(context.signInUrl) };
  if (session.status === "ended") {
    useAfterEnd.seen(session);
    return { status: "ended", answer: presenter.endedAnswer(request, session) };
  }
  if (rules.freshPeriod !== null && !isFresh(session, rules.freshPeriod))
    return stale(parts, session, rules.freshPeriod);
  return { status: "active", session: sessionOf(session.record, context.policy) };
}

function stale({ context }: HandlerParts, { record, now }: LiveSession, freshPeriod: number): CheckResult {
  context.audit.record("step_up_required", now, record);
  return { status: "stale", answer: stepUpProblem(Math.floor(freshPeriod / 1_000)) };
}

/**
 * What a refused request gets: a page that was navigated to goes to the sign-in URL and comes back after it, anything
 * else gets the problem.
 */
export function refusalFor(
  {
    origins,
    signInUrl,
    page,
  }: { readonly origins: OriginRules; readonly signInUrl: string; readonly page: boolean },
  request: HttpRequest,
  { answer, status }: RefusedCheck,
): HttpAnswer {
  const headers = [...answer.headers, ...origins.readHeaders(request)];
  const goesToSignIn = (status === "ended" || status === "none") && (page || isNavigation(request));
  if (!goesToSignIn) return { ...answer, headers };
  const kept = headers.filter(([name]) => name !== "Content-Type");
  return {
    status: 303,
    headers: [...kept, ["Location", signInLocation(signInUrl, request)]],
    body: null,
  };
}

/** What every answer behind the guard carries: nobody keeps a copy. */
export const GUARDED_HEADERS: readonly HttpHeader[] = [NO_STORE];

export function isPreflight(request: HttpRequest): boolean {
  return request.method === "OPTIONS" && request.header("access-control-request-method") !== null;
}

function isNavigation(request: HttpRequest): boolean {
  if (request.method !== "GET" && request.method !== "HEAD") return false;
  const mode = request.header("sec-fetch-mode");
  return mode === null ? (request.header("accept") ?? "").includes("text/html") : mode === "navigate";
}

/** The path is the request's own, so that nobody can be sent elsewhere; the front page needs no way back. */
function signInLocation(signInUrl: string, { path, query }: HttpRequest): string {
  const search = query.toString();
  const back = search === "" ? path : `${path}?${search}`;
  if (back === "/" || !path.startsWith("/") || path.startsWith("//")) return signInUrl;
  return `${signInUrl}${signInUrl.includes("?") ? "&" : "?"}return=${encodeURIComponent(back)}`;
}
