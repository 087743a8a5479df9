/** `/check` and `/explain`: whether a proxy lets a request pass, and what the browser gets where it does not. */
import type { IncomingMessage } from "node:http";
import { type HttpAnswer, type HttpHeader, NO_STORE } from "../../server/http/exchange.js";
import { type GuardRules, readGuardOptions } from "../../server/http/guard-options.js";
import { answerOf, problem, refusedBy } from "../../server/http/problems.js";
import type { Session } from "../../server/lifecycle/view.js";
import { ConfigurationError, Refusal } from "../../server/platform/errors.js";
import type { Verifier } from "../../server/verifier/verifier.js";
import { askedRequest } from "./browser-request.js";
import { foldedNameRefusal } from "./header-names.js";
import type { Metrics } from "./metrics.js";

/**
 * `plain`: a refusal is the problem. `nginx`: its status is 401 or 403, the only ones that `auth_request` passes on.
 * `forward`: a refusal is what the browser should get, for proxies that pass it on as it is.
 */
const MODES = ["plain", "nginx", "forward"] as const;
type Mode = (typeof MODES)[number];

const QUERY = ["fresh", "idle", "roles", "scope", "page", "mode"];

interface CheckRoutes {
  check(message: IncomingMessage, query: URLSearchParams): Promise<HttpAnswer>;
  explain(message: IncomingMessage, query: URLSearchParams): Promise<HttpAnswer>;
}

export function checkRoutes(verifier: Verifier, metrics: Metrics): CheckRoutes {
  const refuseFoldedNames = foldedNameRefusal(verifier.logger);
  const checked = async (message: IncomingMessage, query: URLSearchParams) => {
    const rules = rulesIn(query);
    refuseFoldedNames(message.headers);
    const request = askedRequest(verifier, message);
    return { rules, request, result: await metrics.timeCheck(() => verifier.checkBy(rules, request)) };
  };
  return {
    async check(message, query) {
      const mode = MODES.find((name) => name === (query.get("mode") ?? "plain"));
      try {
        const { rules, request, result } = await checked(message, query);
        if (result.status === "active")
          return { status: 204, headers: passHeaders(result.session), body: null };
        return refused(
          mode === "forward" ? verifier.refusal(request, result, rules) : answerOf(result),
          mode,
        );
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        return refused(answerOf(refusedBy(error)), mode);
      }
    },
    async explain(message, query) {
      const { rules, request, result } = await checked(message, query);
      // It was refused a moment ago and would pass now: the browser is asked to try again.
      return result.status === "active" ? problem("unavailable") : verifier.refusal(request, result, rules);
    },
  };
}

/** @throws Refusal `bad-request` for what the proxy's configuration should not say */
function rulesIn(query: URLSearchParams): GuardRules {
  const names = [...query.keys()];
  const wrong = names.find((name, at) => !QUERY.includes(name) || names.indexOf(name) !== at);
  const mode = query.get("mode");
  if (wrong !== undefined || (mode !== null && !MODES.some((name) => name === mode)))
    throw badQuery(`the query may have ${QUERY.join(", ")}, each once, and mode is ${MODES.join(", ")}`);
  const options = Object.fromEntries([...query].filter(([name]) => name !== "mode").map(optionOf));
  try {
    return readGuardOptions(options);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    throw badQuery(error.message);
  }
}

function optionOf([name, value]: [string, string]): [string, unknown] {
  if (name === "roles") return [name, value.split(",").map((role) => role.trim())];
  return [name, name === "page" && (value === "true" || value === "false") ? value === "true" : value];
}

function badQuery(detail: string): Refusal {
  return new Refusal("bad-request", `The question cannot be answered: ${detail}.`, { code: "query" });
}

function refused(answer: HttpAnswer, mode: Mode | undefined): HttpAnswer {
  const passes = mode !== "nginx" || answer.status === 401 || answer.status === 403;
  const status: HttpHeader = ["Curfew-Status", String(answer.status)];
  return { ...answer, status: passes ? answer.status : 403, headers: [...answer.headers, status] };
}

/** Texts in headers are visible ASCII: all else, `%` and (in a list) the comma are percent-encoded UTF-8. */
function passHeaders({ sid, subject, roles, expiresAt }: Session): readonly HttpHeader[] {
  return [
    NO_STORE,
    ["Curfew-Subject", headerText(subject)],
    ["Curfew-Sid", sid],
    ["Curfew-Roles", roles.map((role) => headerText(role).replaceAll(",", "%2C")).join(",")],
    ["Curfew-Expires-At", String(expiresAt)],
  ];
}

function headerText(text: string): string {
  return text
    .replace(/\p{Surrogate}/gu, "\uFFFD")
    .replace(/[^\x21-\x24\x26-\x7e]/gu, (letter) => encodeURIComponent(letter));
}
