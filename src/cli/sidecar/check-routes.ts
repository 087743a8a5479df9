/** `/check` and `/explain`: whether a proxy lets a request pass, and what the browser gets where it does not. */
import type { IncomingMessage } from "node:http";
import { type HttpAnswer, type HttpHeader, type HttpRequest, NO_STORE } from "../../server/http/exchange.js";
import type { RefusedCheck } from "../../server/http/guard.js";
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

const QUERY = ["fresh", "idle", "roles", "scope", "page", "mode", "optional"];
/** What an optional check cannot ask for: only a session has it. */
const OF_SESSIONS = ["fresh", "idle", "roles", "scope"];

/** `headers`: what the app is told of a request that may pass. */
type Verdict =
  | { readonly passes: true; readonly headers: readonly HttpHeader[] }
  | {
      readonly passes: false;
      readonly rules: GuardRules;
      readonly request: HttpRequest;
      readonly result: RefusedCheck;
    };

interface CheckRoutes {
  check(message: IncomingMessage, query: URLSearchParams): Promise<HttpAnswer>;
  explain(message: IncomingMessage, query: URLSearchParams): Promise<HttpAnswer>;
}

export function checkRoutes(verifier: Verifier, metrics: Metrics): CheckRoutes {
  const refuseFoldedNames = foldedNameRefusal(verifier.logger);
  const checked = async (message: IncomingMessage, query: URLSearchParams): Promise<Verdict> => {
    const rules = rulesIn(query);
    refuseFoldedNames(message.headers);
    const request = askedRequest(verifier, message);
    const result = await metrics.timeCheck(() => verifier.checkBy(rules, request));
    if (result.status === "active") return { passes: true, headers: passHeaders(result.session) };
    const isNobodys = result.status === "none" || result.status === "ended";
    if (isNobodys && query.has("optional") && !(await verifier.needsSession(request)))
      return { passes: true, headers: nobodysHeaders(result.status) };
    return { passes: false, rules, request, result };
  };
  return {
    async check(message, query) {
      const mode = MODES.find((name) => name === (query.get("mode") ?? "plain"));
      try {
        const verdict = await checked(message, query);
        if (verdict.passes) return { status: 204, headers: verdict.headers, body: null };
        const { rules, request, result } = verdict;
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
      const verdict = await checked(message, query);
      // It was refused a moment ago and would pass now: the browser is asked to try again.
      if (verdict.passes) return problem("unavailable");
      return verifier.refusal(verdict.request, verdict.result, verdict.rules);
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
  refuseBadOptional(query);
  const own = [...query].filter(([name]) => name !== "mode" && name !== "optional");
  const options = Object.fromEntries(own.map(optionOf));
  try {
    return readGuardOptions(options);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    throw badQuery(error.message);
  }
}

/** @throws Refusal `bad-request`: a check that asks for a role and lets nobody's request pass would hold nothing */
function refuseBadOptional(query: URLSearchParams): void {
  if (!query.has("optional")) return;
  if (query.get("optional") !== "1") throw badQuery("optional is 1, or left out");
  const asked = OF_SESSIONS.find((name) => query.has(name));
  if (asked !== undefined)
    throw badQuery(
      `optional lets requests without a session pass, and ${asked} asks for one; leave one of them out`,
    );
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
    ["Curfew-Session", "active"],
    ["Curfew-Subject", headerText(subject)],
    ["Curfew-Sid", sid],
    ["Curfew-Roles", roles.map((role) => headerText(role).replaceAll(",", "%2C")).join(",")],
    ["Curfew-Expires-At", String(expiresAt)],
  ];
}

/**
 * The headers of a session are there and empty: Caddy's `copy_headers` writes the name of its own placeholder where one is
 * missing, and an app would take that for a subject.
 */
function nobodysHeaders(status: "none" | "ended"): readonly HttpHeader[] {
  const empty = ["Curfew-Subject", "Curfew-Sid", "Curfew-Roles", "Curfew-Expires-At"];
  return [NO_STORE, ["Curfew-Session", status], ...empty.map((name): HttpHeader => [name, ""])];
}

function headerText(text: string): string {
  return text
    .replace(/\p{Surrogate}/gu, "\uFFFD")
    .replace(/[^\x21-\x24\x26-\x7e]/gu, (letter) => encodeURIComponent(letter));
}
