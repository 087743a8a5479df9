/** The private listener's calls: which path and method leads where. */
import type { IncomingMessage } from "node:http";
import { type HttpAnswer, json, NO_STORE } from "../../server/http/exchange.js";
import { answerOf, problem, wrongMethod } from "../../server/http/problems.js";
import { Refusal } from "../../server/platform/errors.js";
import type { Verifier } from "../../server/verifier/verifier.js";
import { signInRequest } from "./browser-request.js";
import { checkRoutes } from "./check-routes.js";
import type { Metrics } from "./metrics.js";
import { badToken, hasToken } from "./service-token.js";
import { sessionsRoutes } from "./sessions-routes.js";

interface PrivateOptions {
  readonly verifier: Verifier;
  readonly metrics: Metrics;
  readonly serviceToken: string;
  /** Whether the sidecar was told to stop. */
  readonly isStopping: () => boolean;
}

type Call = (message: IncomingMessage, query: URLSearchParams) => HttpAnswer | Promise<HttpAnswer>;
type Calls = Readonly<Record<string, Call>>;

/** Answers every path and method; errors are left to the listener. */
export function privateRoutes(options: PrivateOptions): (message: IncomingMessage) => Promise<HttpAnswer> {
  const open = openCalls(options);
  const closed = sessionCalls(options.verifier);
  return async (message) => {
    const [path = "", ...search] = (message.url ?? "/").split("?");
    const query = queryIn(search.join("?"));
    const calls = open[path];
    if (calls !== undefined) return called(calls, message, query);
    if (!/^\/(?:sessions|outbox|pseudonyms)(?:\/|$)/.test(path)) return problem("not-found");
    if (!hasToken(message, options.serviceToken)) return badToken();
    const found = closed(path);
    return found === null ? problem("not-found") : called(found, message, query);
  };
}

/** @throws Refusal `bad-request` for bytes that are no UTF-8: read as best may be they would name another subject */
function queryIn(search: string): URLSearchParams {
  try {
    decodeURIComponent(search);
  } catch {
    throw new Refusal("bad-request", "The query is not percent-encoded UTF-8.", { code: "query" });
  }
  return new URLSearchParams(search);
}

function called(calls: Calls, message: IncomingMessage, query: URLSearchParams) {
  const { method = "GET" } = message;
  const call = Object.hasOwn(calls, method) ? calls[method] : method === "HEAD" ? calls.GET : undefined;
  return call === undefined ? answerOf(wrongMethod(Object.keys(calls).join(", "))) : call(message, query);
}

function openCalls({
  verifier,
  metrics,
  isStopping,
}: PrivateOptions): Readonly<Record<string, Calls | undefined>> {
  const { check, explain } = checkRoutes(verifier, metrics);
  const calls: Readonly<Record<string, Calls>> = {
    "/check": { GET: check },
    "/explain": { GET: explain },
    "/authorization": {
      async GET(message) {
        const request = signInRequest(verifier, message, message.headers.cookie);
        return json(200, await verifier.authorization(request));
      },
    },
    "/healthz": { GET: () => json(200, { status: "ok" }) },
    "/readyz": {
      async GET() {
        if (isStopping()) return problem("unavailable", { detail: "The sidecar is stopping." });
        const health = await verifier.management.health();
        if (health.status === "ok") return json(200, health);
        return problem("unavailable", { detail: "The store does not answer." });
      },
    },
    "/metrics": {
      async GET() {
        const { type, text } = await metrics.page();
        return { status: 200, headers: [["Content-Type", type], NO_STORE], body: text };
      },
    },
  };
  return Object.assign(Object.create(null), calls);
}

/** The calls below `/sessions` and `/outbox` for a path; null where there is none. */
function sessionCalls(verifier: Verifier): (path: string) => Calls | null {
  const routes = sessionsRoutes(verifier);
  const { outbox } = verifier.management;
  return (path) => {
    if (path === "/sessions")
      return {
        GET: (_message, query) => routes.list(query),
        POST: (message) => routes.start(message),
        DELETE: (_message, query) => routes.endAll(query),
      };
    if (path === "/pseudonyms")
      return {
        GET: (_message, query) => routes.pseudonyms(query),
        DELETE: (_message, query) => routes.forget(query),
      };
    if (path === "/outbox")
      return { GET: async () => json(200, { deadLetters: await outbox.deadLetters() }) };
    if (path === "/outbox/replay")
      return {
        POST: async (_message, query) =>
          json(200, { replayed: await outbox.replay(query.get("id") ?? undefined) }),
      };
    if (path === "/sessions/reauthenticate") return { POST: (message) => routes.reauthenticate(message) };
    if (path === "/sessions/moved") return { POST: (message) => routes.moved(message) };
    const [, sid, action] = /^\/sessions\/([A-Za-z0-9_-]{1,64})(\/end-others)?$/.exec(path) ?? [];
    if (sid === undefined) return null;
    if (action !== undefined) return { POST: (_message, query) => routes.endOthers(sid, query) };
    return { DELETE: (_message, query) => routes.end(sid, query) };
  };
}
