/** The test app as a fetch-style handler, behind a bridge from Node's `http` of a few lines. */
import type { IncomingMessage, RequestListener } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createSessionVerifier, type WebGuard } from "../../../src/server/adapters/web.js";
import type { SessionVerifierOptions } from "../../../src/server/verifier/options.js";
import { untilAborted } from "./hono-app.js";
import { claimsIn, type Framework, type InFront, outcomeOf } from "./test-app.js";

type Handler = (request: Request) => Response | Promise<Response>;

/** What a runtime does that is not Node. */
export function bridge(handle: Handler): RequestListener {
  return async (message, response) => {
    // `Request` takes neither TRACE nor a host that is none.
    const answer = await Promise.resolve()
      .then(() => handle(webRequest(message)))
      .catch(() => new Response(null, { status: 400 }));
    response.statusCode = answer.status;
    answer.headers.forEach((value, name) => {
      if (name !== "set-cookie") response.setHeader(name, value);
    });
    response.setHeader("set-cookie", answer.headers.getSetCookie());
    response.flushHeaders();
    if (answer.body === null) response.end();
    // A browser may go before the whole body has been sent.
    else await pipeline(Readable.fromWeb(answer.body as never), response).catch(() => {});
  };
}

function webRequest(message: IncomingMessage): Request {
  const { method = "GET", url = "/", headers } = message;
  const body =
    method === "GET" || method === "HEAD" ? null : (Readable.toWeb(message) as unknown as BodyInit);
  const init: RequestInit & { duplex: "half" } = {
    method,
    headers: headers as Record<string, string>,
    body,
    duplex: "half",
  };
  return new Request(`http://${headers.host}${url}`, init);
}

export const onWeb: Framework = {
  name: "fetch-style",
  mount(options, inFront) {
    const { sessions, app } = webApp(options);
    return { sessions, listener: bridge(async (request) => app(await readFirst(request, inFront))) };
  },
};

async function readFirst(request: Request, inFront: InFront): Promise<Request> {
  if (inFront === "drain" && request.method === "POST") await request.text();
  if (inFront === "json" && request.method === "POST") await request.clone().text();
  return request;
}

function webApp(options: SessionVerifierOptions) {
  const sessions = createSessionVerifier(options);
  const behind =
    (guard: WebGuard, answer: (subject: string, request: Request) => Response | Promise<Response>): Handler =>
    async (request) => {
      const passed = await guard(request);
      if (passed instanceof Response) return passed;
      const response = await answer(passed.session.subject, request);
      passed.headers.forEach((value, name) => {
        response.headers.append(name, value);
      });
      return response;
    };
  const kept = behind(sessions.guard(), () => new Response("kept"));
  const routes: Readonly<Record<string, Handler>> = {
    "POST /sign-in": async (request) => {
      const { headers } = await sessions.start(request, { subject: "ann" });
      headers.set("Location", "/");
      return new Response(null, { status: 303, headers });
    },
    "POST /callback": async (request) => {
      const started = sessions.start(request, claimsIn(request.url));
      const { code } = await outcomeOf(started);
      return Response.json({ code }, code === "started" ? { headers: (await started).headers } : {});
    },
    "GET /authorization": async (request) => Response.json(await sessions.authorization(request)),
    "POST /reauth": async (request) => {
      const { headers } = await sessions.reauthenticate(request, { subject: "ann" });
      return new Response(null, { status: 204, headers });
    },
    "POST /sign-out": async (request) =>
      new Response(null, { status: 204, headers: await sessions.signOut(request) }),
    "POST /promote": async (request) =>
      Response.json((await sessions.update(request, { roles: ["admin"] })).roles),
    "GET /status": async (request) => Response.json({ status: (await sessions.check(request)).status }),
    "GET /wait": async (request) => {
      const passed = await sessions.guard()(request);
      return passed instanceof Response ? passed : new Response(untilAborted(passed.signal));
    },
    "GET /api/me": behind(sessions.guard(), (subject) => Response.json({ subject })),
    "GET /api/fresh": behind(sessions.guard({ fresh: "5m" }), () => Response.json({})),
    "GET /api/admin": behind(sessions.guard({ roles: "admin" }), () => Response.json({})),
    "POST /api/echo": behind(sessions.guard({ proof: true }), async (_subject, request) =>
      Response.json(await request.json()),
    ),
    "GET /report": behind(sessions.page(), () => new Response("report")),
  };
  const app: Handler = (request) => {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith("/curfew/")) return sessions.handle(request);
    return (routes[`${request.method} ${pathname}`] ?? kept)(request);
  };
  return { sessions, app };
}
