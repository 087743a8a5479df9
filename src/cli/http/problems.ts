/** Problems that the private listener answers with beyond the protocol's own. */

import { PROBLEM_MEDIA_TYPE, PROBLEM_PREFIX } from "../../protocol/problem.js";
import { type HttpAnswer, type HttpHeader, NO_STORE } from "../../server/http/exchange.js";
import { answerOf, problem, refusedBy } from "../../server/http/problems.js";
import { Refusal, SessionError, StoreUnavailableError } from "../../server/platform/errors.js";

/** A problem of the sidecar's own: `type` is none of the protocol's, but for the one of a bad request. */
export function ownProblem(
  type: string,
  members: {
    readonly title: string;
    readonly status: number;
    readonly code?: string;
    readonly detail?: string;
  },
  headers: readonly HttpHeader[] = [],
): HttpAnswer {
  return {
    status: members.status,
    headers: [["Content-Type", PROBLEM_MEDIA_TYPE], NO_STORE, ...headers],
    body: JSON.stringify({ type: `${PROBLEM_PREFIX}${type}`, ...members }),
  };
}

/** What a failure is answered with, or null for one that nobody foresaw. */
export function failureAnswer(error: unknown): HttpAnswer | null {
  if (error instanceof Refusal) return answerOf(refusedBy(error));
  if (error instanceof StoreUnavailableError) return problem("unavailable");
  return error instanceof SessionError ? signInRefused(error) : null;
}

/** 401 is kept for the service token: where there is no live session any more, the call conflicts with that (409). */
function signInRefused({ code, message, status }: SessionError): HttpAnswer {
  const told = status === 401 ? 409 : status;
  const said = { status: told, code, detail: `${message}.` };
  return told === 400
    ? ownProblem("bad-request", { title: "The request cannot be understood", ...said })
    : ownProblem("sign-in-refused", { title: "The session cannot be started or changed", ...said });
}
