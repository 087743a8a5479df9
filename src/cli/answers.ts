/** Problems that the private listener answers with beyond the protocol's own. */

import { PROBLEM_MEDIA_TYPE, problemType } from "../protocol/problem.js";
import { type HttpAnswer, NO_STORE } from "../server/http/exchange.js";
import { answerOf, problem, refusedBy } from "../server/http/problems.js";
import { Refusal, SessionError, StoreUnavailableError } from "../server/platform/errors.js";

/** The service token is missing or wrong. */
export function badToken(): HttpAnswer {
  return {
    status: 401,
    headers: [["Content-Type", PROBLEM_MEDIA_TYPE], NO_STORE, ["WWW-Authenticate", 'Bearer realm="curfew"']],
    body: JSON.stringify({
      type: "urn:curfew:bad-token",
      title: "The service token is missing or wrong",
      status: 401,
    }),
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
  return {
    status: told,
    headers: [["Content-Type", PROBLEM_MEDIA_TYPE], NO_STORE],
    body: JSON.stringify({
      type: told === 400 ? problemType("bad-request") : "urn:curfew:sign-in-refused",
      title: told === 400 ? "The request cannot be understood" : "The session cannot be started or changed",
      status: told,
      code,
      detail: `${message}.`,
    }),
  };
}
