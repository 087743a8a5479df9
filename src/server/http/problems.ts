/** Problems as answers (RFC 9457), one shape for every refusal. */
import { PROBLEM_MEDIA_TYPE, type Problem, problemType } from "../../protocol/problem.js";
import { PROBLEM_STATUS, type ProblemName } from "../../protocol/problem-names.js";
import type { Refusal } from "../platform/errors.js";
import type { EndedSession } from "../record/outcome.js";
import { type HttpAnswer, type HttpHeader, NO_STORE } from "./exchange.js";

const TITLES: Readonly<Record<ProblemName, string>> = {
  "session-ended": "The session has ended",
  "no-session": "There is no session",
  "step-up": "A more recent authentication is needed",
  "bad-request": "The request cannot be understood",
  "bad-heartbeat": "The heartbeat is not acceptable",
  "unsupported-version": "This protocol version is not spoken here",
  "cross-site": "The request comes from another site",
  "key-mismatch": "The key is not the session's",
  "bind-closed": "It is too late to bind a key",
  "not-found": "There is nothing here",
  "too-slow": "The request took too long",
  "method-not-allowed": "This method is not allowed here",
  forbidden: "The session may not do this",
  "bad-proof": "The proof is not acceptable",
  "other-session": "The request speaks of another session",
  "stale-nonce": "The nonce is no longer current",
  "already-bound": "A key is bound already",
  "too-large": "The body is too large",
  "too-many": "There are too many requests",
  unavailable: "The session cannot be checked now",
};

/** How long a browser waits before it asks again, in seconds. */
const RETRY_AFTER: HttpHeader = ["Retry-After", "1"];

/** A problem, and the headers that go with it: it becomes an answer in the last step. */
export interface Refused {
  readonly problem: Problem;
  readonly headers: readonly HttpHeader[];
}

/** What a handler makes of a request: an answer as it is, or a refusal. */
export type Reply = HttpAnswer | Refused;

export function refused(
  name: ProblemName,
  members: Readonly<Record<string, unknown>> = {},
  headers: readonly HttpHeader[] = [],
): Refused {
  const status = PROBLEM_STATUS[name];
  return {
    problem: { type: problemType(name), title: TITLES[name], status, ...members },
    headers: [...retryAfterOf(status, members), ...headers],
  };
}

function retryAfterOf(
  status: number,
  { retryAfter }: { readonly retryAfter?: unknown },
): readonly HttpHeader[] {
  if (Number.isSafeInteger(retryAfter)) return [["Retry-After", String(retryAfter)]];
  return status === 503 ? [RETRY_AFTER] : [];
}

/** The one place where a problem becomes JSON. */
export function answerOf(reply: Reply): HttpAnswer {
  if (!("problem" in reply)) return reply;
  return {
    status: reply.problem.status,
    headers: [["Content-Type", PROBLEM_MEDIA_TYPE], NO_STORE, ...reply.headers],
    body: JSON.stringify(reply.problem),
  };
}

/** The same at once, where nothing comes in between. */
export function problem(name: ProblemName, members: Readonly<Record<string, unknown>> = {}): HttpAnswer {
  return answerOf(refused(name, members));
}

export function wrongMethod(allowed: string): Refused {
  return refused("method-not-allowed", {}, [["Allow", allowed]]);
}

export function refusedBy({ problem: name, message, members }: Refusal): Refused {
  return refused(name, { detail: message, ...members });
}

export function sessionEnded(
  { end: { reason, endedAt }, record: { sid } }: EndedSession,
  urls: { readonly signInUrl: string; readonly endUrl?: string },
  headers: readonly HttpHeader[] = [],
): Refused {
  return refused("session-ended", { reason, endedAt, sid, ...urls }, headers);
}

export function noSession(signInUrl: string, detail?: string): Refused {
  return refused("no-session", { signInUrl, ...(detail === undefined ? {} : { detail }) });
}

/**
 * RFC 9470 section 3, with our own scheme: the credential is a cookie, not a bearer token.
 * @param maxAge how recent the authentication must be, in seconds; null where that is not what is asked for
 * @param challenge what the bound key must sign (`Curfew-Proof`)
 */
export function stepUp(maxAge: number | null, challenge?: string): Refused {
  const header = [
    'Curfew error="insufficient_user_authentication"',
    ...(maxAge === null ? [] : [`max_age="${maxAge}"`]),
    ...(challenge === undefined ? [] : [`challenge="${challenge}"`]),
  ].join(", ");
  const members = {
    ...(maxAge === null ? {} : { maxAge }),
    ...(challenge === undefined ? {} : { code: "proof", challenge }),
  };
  return refused("step-up", members, [["WWW-Authenticate", header]]);
}
