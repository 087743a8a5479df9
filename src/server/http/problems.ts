/** Problems as answers (RFC 9457), one shape for every refusal. */
import { PROBLEM_MEDIA_TYPE, problemType } from "../../protocol/problem.js";
import { PROBLEM_STATUS, type ProblemName } from "../../protocol/problem-names.js";
import type { SessionEnd } from "../../session/end.js";
import type { Refusal } from "../platform/errors.js";
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

export function problem(
  name: ProblemName,
  members: Readonly<Record<string, unknown>> = {},
  headers: readonly HttpHeader[] = [],
): HttpAnswer {
  const status = PROBLEM_STATUS[name];
  return {
    status,
    headers: [["Content-Type", PROBLEM_MEDIA_TYPE], NO_STORE, ...retryAfterOf(status, members), ...headers],
    body: JSON.stringify({ type: problemType(name), title: TITLES[name], status, ...members }),
  };
}

function retryAfterOf(
  status: number,
  { retryAfter }: { readonly retryAfter?: unknown },
): readonly HttpHeader[] {
  if (Number.isSafeInteger(retryAfter)) return [["Retry-After", String(retryAfter)]];
  return status === 503 ? [RETRY_AFTER] : [];
}

export function refusalProblem({ problem: name, message, members }: Refusal): HttpAnswer {
  return problem(name, { detail: message, ...members });
}

export function endedProblem(
  end: SessionEnd,
  sid: string,
  signInUrl: string,
  headers: readonly HttpHeader[] = [],
): HttpAnswer {
  return problem("session-ended", { reason: end.reason, endedAt: end.endedAt, sid, signInUrl }, headers);
}

export function noSessionProblem(signInUrl: string, detail?: string): HttpAnswer {
  return problem("no-session", { signInUrl, ...(detail === undefined ? {} : { detail }) });
}

/**
 * RFC 9470 section 3, with our own scheme: the credential is a cookie, not a bearer token.
 * @param maxAge how recent the authentication must be, in seconds; null where that is not what is asked for
 * @param challenge what the bound key must sign (`Curfew-Proof`)
 */
export function stepUpProblem(maxAge: number | null, challenge?: string): HttpAnswer {
  const header = [
    'Curfew error="insufficient_user_authentication"',
    ...(maxAge === null ? [] : [`max_age="${maxAge}"`]),
    ...(challenge === undefined ? [] : [`challenge="${challenge}"`]),
  ].join(", ");
  const members = {
    ...(maxAge === null ? {} : { maxAge }),
    ...(challenge === undefined ? {} : { code: "proof", challenge }),
  };
  return problem("step-up", members, [["WWW-Authenticate", header]]);
}
