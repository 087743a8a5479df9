/** Problems as answers (RFC 9457), one shape for every refusal. */
import { PROBLEM_MEDIA_TYPE, PROBLEM_STATUS, type ProblemName, problemType } from "../../protocol/problem.js";
import type { SessionEnd } from "../../session/end.js";
import type { Refusal } from "../errors.js";
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
  "method-not-allowed": "This method is not allowed here",
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
    headers: [
      ["Content-Type", PROBLEM_MEDIA_TYPE],
      NO_STORE,
      ...(status === 503 ? [RETRY_AFTER] : []),
      ...headers,
    ],
    body: JSON.stringify({ type: problemType(name), title: TITLES[name], status, ...members }),
  };
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

export function noSessionProblem(signInUrl: string): HttpAnswer {
  return problem("no-session", { signInUrl });
}

/** RFC 9470 section 3, with our own scheme: the credential is a cookie, not a bearer token. */
export function stepUpProblem(maxAge: number): HttpAnswer {
  const challenge = `Curfew error="insufficient_user_authentication", max_age="${maxAge}"`;
  return problem("step-up", { maxAge }, [["WWW-Authenticate", challenge]]);
}
