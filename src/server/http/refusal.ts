/** What a request gets that the guard does not let pass: the problem, or for a navigation the way to sign in and back. */

import { normaliseRoute, readingsOf } from "../policy/routes.js";
import { type HttpAnswer, type HttpRequest, NO_STORE, pathWithQuery } from "./exchange.js";
import type { RefusedCheck } from "./guard.js";
import type { OriginRules } from "./origins.js";
import { answerOf, noSession } from "./problems.js";

interface RefusalContext {
  readonly origins: OriginRules;
  readonly signInUrl: string;
  /** Whether the route is a page, so that a request without marks is taken for a navigation. */
  readonly page: boolean;
  /** Called where the guard stands before the sign-in page itself: nobody can sign in. */
  readonly onGuardedSignIn: () => void;
}

/** Headers by which a script asks for a part of a page: a redirect would put the sign-in page into that part. */
const PARTIAL_HEADERS = [
  "hx-request",
  "turbo-frame",
  "x-inertia",
  "x-up-version",
  "x-pjax",
  "x-livewire",
  "x-alpine-request",
  "datastar-request",
  "rsc",
];

/**
 * A page that was navigated to goes to the sign-in URL and comes back after it, anything else gets the problem. The
 * sign-in URL never leads to itself: behind the guard it gets the problem too, which says what to change.
 */
export function refusalFor(
  { origins, signInUrl, page, onGuardedSignIn }: RefusalContext,
  request: HttpRequest,
  { problem, headers: own, status }: RefusedCheck,
): HttpAnswer {
  const headers = [...own, ...origins.readHeaders(request)];
  const signsIn = status === "ended" || status === "none";
  if (signsIn && isSafe(request) && isSignInPage(signInUrl, request)) {
    onGuardedSignIn();
    const detail = "A guard stands before the sign-in page itself: mount that page before the guard.";
    return answerOf({
      problem: status === "none" ? noSession(signInUrl, detail).problem : problem,
      headers,
    });
  }
  if (!signsIn || !isNavigation(request, page)) return answerOf({ problem, headers });
  return {
    status: 303,
    headers: [NO_STORE, ...headers, ["Location", signInLocation(signInUrl, request)]],
    body: null,
  };
}

/**
 * What the guard answers to a preflight, which carries no session: the listed origins' headers, else none. Null for any
 * other request.
 */
export function preflightAnswer(origins: OriginRules, request: HttpRequest): HttpAnswer | null {
  if (request.method !== "OPTIONS" || request.header("access-control-request-method") === null) return null;
  return (
    origins.preflight(request) ?? {
      status: 204,
      headers: [NO_STORE, ...origins.readHeaders(request)],
      body: null,
    }
  );
}

/** A page, or a form that leads to one. A script's own request is none, whatever it accepts. */
function isNavigation(request: HttpRequest, page: boolean): boolean {
  if (isPartial(request)) return false;
  const mode = request.header("sec-fetch-mode");
  // Browsers send the site beside the mode. A client that is none, such as Node's `fetch`, gets from a page what a person gets.
  const isBrowser = request.header("sec-fetch-site") !== null;
  if (mode !== null && (isBrowser || !page)) return mode === "navigate";
  return page || (request.header("accept") ?? "").includes("text/html");
}

function isPartial(request: HttpRequest): boolean {
  // Android's web view puts the app's name there, on navigations too.
  const isScript = (request.header("x-requested-with") ?? "").toLowerCase() === "xmlhttprequest";
  return isScript || PARTIAL_HEADERS.some((name) => request.header(name) !== null);
}

/** The way back is a path of this origin, so that nobody can be sent elsewhere; the front page needs none. */
function signInLocation(signInUrl: string, request: HttpRequest): string {
  const back = isSafe(request) ? pathWithQuery(request) : pageOf(request);
  if (back === "/" || !isWayBack(back) || readsAsSignIn(signInUrl, request, back)) return signInUrl;
  return `${signInUrl}${signInUrl.includes("?") ? "&" : "?"}return=${encodeURIComponent(back)}`;
}

const isWayBack = (text: string) => /^\/(?![/\\])/.test(text);

const isSafe = ({ method }: HttpRequest) => method === "GET" || method === "HEAD";

/** Stands for whichever host a path of this server is asked for at. */
const ANY_HOST = "http://here.invalid";

/** Whether a redirect to the sign-in URL would be this very request again. */
function isSignInPage(signInUrl: string, request: HttpRequest): boolean {
  const signIn = signInHere(signInUrl, request);
  const isExactly = signIn !== null && request.path === signIn.pathname;
  return (isExactly && hasParameters(request.query(), signIn)) || isLedHere(signInUrl, request);
}

/**
 * Whether the request is one to which a guard's redirect has led, by the way back in it: a proxy that says another host,
 * or cuts off a part of the path, hides that this is the sign-in page.
 */
function isLedHere(signInUrl: string, request: HttpRequest): boolean {
  const { path } = request;
  const query = request.query();
  const signIn = new URL(signInUrl, ANY_HOST);
  // A spelling of the sign-in page is led to its own once more.
  if (!query.getAll("return").some(isWayBack) || readsAsSignIn(signInUrl, request, pathWithQuery(request)))
    return false;
  const [shorter, longer] = [path, signIn.pathname].sort((a, b) => a.length - b.length);
  // Every path ends with a slash alone, or any front page would do.
  const isAlike = shorter === "/" ? longer === "/" && signIn.search !== "" : longer?.endsWith(shorter ?? "");
  return isAlike === true && hasParameters(query, signIn);
}

/** Whether some server may read this path as the sign-in page's: a way back to it would lead nowhere. */
function readsAsSignIn(signInUrl: string, request: HttpRequest, back: string): boolean {
  const signIn = signInHere(signInUrl, request);
  const path = signIn && normaliseRoute(signIn.pathname);
  if (signIn === null || path === null || readingsOf(back)?.includes(path) !== true) return false;
  return hasParameters(new URLSearchParams(back.split("?").slice(1).join("?")), signIn);
}

/** The sign-in URL where it is one of this host, else null. The scheme is left out: a proxy may hide it. */
function signInHere(signInUrl: string, request: HttpRequest): URL | null {
  const here = new URL(request.origin === "" ? ANY_HOST : request.origin);
  const signIn = new URL(signInUrl, here);
  return signIn.host === here.host ? signIn : null;
}

function hasParameters(query: URLSearchParams, { searchParams }: URL): boolean {
  return [...searchParams].every(([name, value]) => query.getAll(name).includes(value));
}

/** The page that a form was on: its own address may only take what is sent, and nothing of it is sent again. */
function pageOf(request: HttpRequest): string {
  const referrer = request.header("referer") ?? "";
  if (!URL.canParse(referrer)) return "/";
  const { origin, pathname, search } = new URL(referrer);
  return origin === request.origin ? pathname + search : "/";
}
