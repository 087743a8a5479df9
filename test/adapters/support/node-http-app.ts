/** The test app on Node's own `http`, without a framework. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { json } from "node:stream/consumers";
import { createSessionVerifier, type NodeHandler } from "../../../src/server/adapters/node.js";
import { claimsIn, type Framework, type InFront, outcomeOf } from "./test-app.js";

type Route = (request: IncomingMessage, response: ServerResponse) => Promise<void> | void;

function answer(response: ServerResponse, value: unknown): void {
  response.setHeader("Content-Type", "application/json");
  response.end(JSON.stringify(value));
}

function read(inFront: InFront): NodeHandler {
  return (request, _response, next = () => {}) => {
    if (inFront === "nothing" || request.method !== "POST") return next();
    json(request).then(
      (body) => {
        if (inFront === "json") Object.assign(request, { body });
        next();
      },
      () => next(),
    );
  };
}

export const nodeHttp: Framework = {
  name: "node:http",
  mount(options, inFront) {
    const sessions = createSessionVerifier(options);
    const behind =
      (guard: NodeHandler, route: Route): Route =>
      (request, response) =>
        guard(request, response, () => void route(request, response));
    const kept = behind(sessions.guard(), (_request, response) => void response.end("kept"));
    const routes: Readonly<Record<string, Route>> = {
      "POST /sign-in": async (request, response) => {
        await sessions.start(request, response, { subject: "ann" });
        response.writeHead(303, { Location: "/" }).end();
      },
      "POST /callback": async (request, response) =>
        answer(response, await outcomeOf(sessions.start(request, response, claimsIn(request.url ?? "")))),
      "GET /authorization": async (request, response) =>
        answer(response, await sessions.authorization(request)),
      "POST /reauth": async (request, response) => {
        await sessions.reauthenticate(request, response, { subject: "ann" });
        response.writeHead(204).end();
      },
      "POST /sign-out": async (request, response) => {
        await sessions.signOut(request, response);
        response.writeHead(204).end();
      },
      "POST /promote": async (request, response) =>
        answer(response, (await sessions.update(request, { roles: ["admin"] })).roles),
      "GET /api/me": behind(sessions.guard(), ({ curfew }, response) =>
        answer(response, { subject: curfew?.subject }),
      ),
      "OPTIONS /api/me": behind(sessions.guard(), (_request, response) => void response.writeHead(204).end()),
      "GET /api/fresh": behind(sessions.guard({ fresh: "5m" }), (_request, response) => answer(response, {})),
      "GET /api/admin": behind(sessions.guard({ roles: "admin" }), (_request, response) =>
        answer(response, {}),
      ),
      "POST /api/echo": behind(sessions.guard({ proof: true }), async (request, response) =>
        answer(response, await json(request)),
      ),
      "GET /report": behind(sessions.page(), (_request, response) => void response.end("report")),
      "GET /status": async (request, response) =>
        answer(response, { status: (await sessions.check(request)).status }),
      "GET /wait": async (request, response) => {
        const result = await sessions.check(request);
        if (result.status === "active") result.signal.addEventListener("abort", () => response.end("over"));
        response.writeHead(200).flushHeaders();
      },
    };
    const protocol = sessions.routes();
    const reader = read(inFront);
    return {
      sessions,
      listener: (request, response) => {
        reader(request, response, () =>
          protocol(request, response, () => {
            const [path] = (request.url ?? "").split("?");
            void (routes[`${request.method} ${path}`] ?? kept)(request, response);
          }),
        );
      },
    };
  },
};
