import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type RequestListener,
  request,
  type Server,
} from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import { afterEach, describe, expect, test } from "vitest";
import type { SessionVerifier } from "../../src/server/adapters/node.js";
import { createTestKey, TestBrowser } from "./support/test-browser.js";
import { createTestVerifier, MINUTE } from "./support/test-verifier.js";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  servers.push(server);
  await new Promise((resolve) => server.once("listening", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A browser whose requests go over a real connection. */
async function signedIn(sessions: SessionVerifier, url: string): Promise<TestBrowser> {
  const overHttp = { handle: (request: Request) => fetch(rewritten(request, url)) };
  const browser = new TestBrowser(Object.assign(Object.create(sessions), overHttp), await createTestKey());
  await browser.signIn("ann");
  expect((await browser.bind()).status).toBe(200);
  return browser;
}

/** Without the marks that `fetch` adds by itself. */
function get(url: string, headers: OutgoingHttpHeaders, method = "GET"): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request(url, { method, headers }, (response) => resolve(response.resume()))
      .on("error", reject)
      .end();
  });
}

function rewritten(request: Request, url: string): Request {
  const { pathname, search } = new URL(request.url);
  return new Request(`${url}${pathname}${search}`, request);
}

describe("in Express", () => {
  const parsers = [
    ["no body parser", []],
    ["express.json()", [express.json()]],
    ["express.text()", [express.text({ type: "*/*" })]],
    ["express.raw()", [express.raw({ type: "*/*" })]],
    ["express.urlencoded()", [express.urlencoded({ extended: true })]],
    ["all of them", [express.json(), express.urlencoded({ extended: false }), express.text()]],
  ] as const;

  test.each(parsers)("routes() behind %s accepts heartbeats and ends", async (_name, handlers) => {
    const { clock, sessions } = createTestVerifier();
    const app = express();
    for (const handler of handlers) app.use(handler);
    app.use(sessions.routes());
    const browser = await signedIn(sessions, await listen(app));
    expect((await browser.beat(clock.now())).status).toBe(200);
    expect((await browser.post("/curfew/end", { sid: browser.live.sid })).status).toBe(204);
  });

  test("a body parser in front is named in the log, once", async () => {
    const warnings: string[] = [];
    const logger = { info: () => {}, warn: (line: string) => warnings.push(line), error: () => {} };
    const { clock, sessions } = createTestVerifier({ logger });
    const app = express().use(express.json(), sessions.routes());
    const browser = await signedIn(sessions, await listen(app));
    await browser.beat(clock.now());
    await browser.beat(clock.now());
    expect(warnings).toEqual([expect.stringMatching(/mount sessions\.routes\(\) first/)]);
  });

  test("a guard in front of the protocol's routes is named in the log, once", async () => {
    const warnings: string[] = [];
    const logger = { info: () => {}, warn: (line: string) => warnings.push(line), error: () => {} };
    const { sessions } = createTestVerifier({ logger });
    const url = await listen(express().use(sessions.guard(), sessions.routes()));
    expect((await get(`${url}/curfew/payroll`, {})).statusCode).toBe(401);
    expect(warnings).toEqual([]);
    for (const path of ["/curfew/session", "/curfew/session?was=x", "/curfew/heartbeat"])
      expect((await get(`${url}${path}`, {})).statusCode).toBe(401);
    expect(warnings).toEqual([
      "curfew: a guard refused a request below /curfew: mount sessions.routes() before the guard, or no page hears of its session",
    ]);
  });

  test("a body that somebody consumed and threw away gets a reason at once", async () => {
    const { sessions } = createTestVerifier();
    const app = express().use((request, _response, next) => {
      request.resume();
      request.once("end", () => next());
    }, sessions.routes());
    const url = await listen(app);
    const response = await fetch(`${url}/curfew/heartbeat`, {
      method: "POST",
      headers: { "content-type": "application/json", "sec-fetch-site": "same-origin" },
      body: "{}",
      signal: AbortSignal.timeout(2_000),
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      code: "body-consumed",
      detail: expect.stringMatching(/before any body parser/),
    });
  });

  test("the raw body of a parser that keeps it is taken", async () => {
    const { clock, sessions } = createTestVerifier();
    const keep = express.json({
      verify: (request, _response, buffer) => Object.assign(request, { rawBody: Buffer.from(buffer) }),
    });
    const browser = await signedIn(sessions, await listen(express().use(keep, sessions.routes())));
    expect((await browser.beat(clock.now())).status).toBe(200);
  });

  test("guarded answers are not stored, and the handler sees the session", async () => {
    const { sessions } = createTestVerifier();
    const app = express();
    app.use(sessions.routes());
    app.get(
      "/api/me",
      sessions.guard(),
      (request, response) => void response.json({ subject: request.curfew?.subject }),
    );
    const url = await listen(app);
    const browser = await signedIn(sessions, url);
    const response = await fetch(rewritten(browser.request("/api/me"), url));
    expect([response.status, response.headers.get("cache-control")]).toEqual([200, "no-store"]);
    expect(await response.json()).toEqual({ subject: "ann" });
  });

  test.each([
    [
      "a navigation to a page",
      { "sec-fetch-mode": "navigate" },
      "/notes?open=1",
      303,
      "/login?return=%2Fnotes%3Fopen%3D1",
    ],
    ["a navigation to the front page", { "sec-fetch-mode": "navigate" }, "/", 303, "/login"],
    ["an old browser's navigation", { accept: "text/html,*/*" }, "/notes", 303, "/login?return=%2Fnotes"],
    ["a path that looks like another host", { accept: "text/html" }, "//evil.test/x", 303, "/login"],
    ["an API call", { "sec-fetch-mode": "cors", accept: "text/html" }, "/notes", 401, undefined],
    ["an API call without marks", { accept: "application/json" }, "/notes", 401, undefined],
  ])("signed out, %s gets its answer", async (_name, headers, path, status, location) => {
    const { sessions } = createTestVerifier();
    const url = await listen(express().use(sessions.guard()));
    const response = await get(`${url}${path}`, headers);
    expect([response.statusCode, response.headers.location]).toEqual([status, location]);
    expect(response.headers["cache-control"]).toBe("no-store");
  });

  test("signed out, a page's route sends to sign in whoever does not ask by a script", async () => {
    const { sessions } = createTestVerifier();
    const url = await listen(express().use(sessions.guard({ page: true })));
    for (const headers of [{}, { accept: "*/*" }, { "sec-fetch-mode": "navigate" }]) {
      const response = await get(`${url}/`, headers);
      expect([response.statusCode, response.headers.location]).toEqual([303, "/login"]);
    }
    const script = { "sec-fetch-mode": "cors", "sec-fetch-site": "same-origin" };
    expect((await get(`${url}/`, script)).statusCode).toBe(401);
    // Node's own `fetch` marks the mode and is no browser.
    expect((await fetch(url, { redirect: "manual" })).status).toBe(303);
  });

  test("a step-up says how recent the authentication must be", async () => {
    const { clock, sessions } = createTestVerifier();
    const app = express().post(
      "/transfer",
      sessions.guard({ fresh: "5m" }),
      (_request, response) => void response.json({}),
    );
    const url = await listen(app);
    const browser = await TestBrowser.signedIn(sessions);
    clock.advance(6 * MINUTE);
    const response = await fetch(rewritten(browser.request("/transfer", { method: "POST" }), url));
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toBe(
      'Curfew error="insufficient_user_authentication", max_age="300"',
    );
  });

  test("start() and reauthenticate() set the cookie on the response", async () => {
    const { sessions } = createTestVerifier();
    const app = express();
    app.post("/login", async (request, response) => {
      await sessions.start(request, response, { subject: "ann" });
      response.redirect(303, "/");
    });
    const response = await fetch(`${await listen(app)}/login`, { method: "POST", redirect: "manual" });
    expect(response.status).toBe(303);
    expect(response.headers.getSetCookie()).toEqual([expect.stringMatching(/^__Host-curfew=[\w-]{43};/)]);
    expect(response.headers.get("cache-control")).toBe("no-store");
  });
});

describe("in plain Node http", () => {
  test("routes() answers its own paths and hands on all others", async () => {
    const { clock, sessions } = createTestVerifier();
    const routes = sessions.routes();
    const url = await listen((request, response) =>
      routes(request, response, () => response.end("the app's own")),
    );
    const browser = await signedIn(sessions, url);
    expect((await browser.beat(clock.now())).status).toBe(200);
    expect(await (await fetch(`${url}/other`)).text()).toBe("the app's own");
    expect(await (await fetch(`${url}/curfewish`)).text()).toBe("the app's own");
  });

  test("without a next handler a foreign path is a 404 problem", async () => {
    const { sessions } = createTestVerifier();
    const response = await fetch(`${await listen(sessions.routes())}/other`);
    expect([response.status, response.headers.get("content-type")]).toEqual([
      404,
      "application/problem+json",
    ]);
  });

  test("a body of one megabyte gets its 413 over a real connection, and the connection goes on", async () => {
    const { clock, sessions } = createTestVerifier();
    const browser = await signedIn(sessions, await listen(sessions.routes()));
    const answer = await browser.post(
      "/curfew/heartbeat",
      JSON.stringify({ heartbeat: "a".repeat(1_000_000) }),
    );
    expect([answer.status, answer.body.type]).toEqual([413, "urn:curfew:too-large"]);
    expect((await browser.beat(clock.now())).status).toBe(200);
  });

  test("a host that is none has no origin, not even a sandboxed frame's", async () => {
    const { sessions } = createTestVerifier();
    const url = await listen(sessions.routes());
    const browser = await TestBrowser.signedIn(sessions);
    const headers = {
      host: "a b",
      origin: "null",
      cookie: browser.cookie ?? "",
      "content-type": "application/json",
    };
    const answer = await get(`${url}/curfew/end`, headers, "POST");
    expect(answer.statusCode).toBe(403);
  });

  test("forwarded headers are believed from listed proxies only", async () => {
    const forwarded = {
      "x-forwarded-proto": "https",
      "x-forwarded-host": "app.test",
      origin: "https://app.test",
    };
    for (const [trustProxy, status] of [
      [["loopback"], 204],
      [[], 403],
    ] as const) {
      const { sessions } = createTestVerifier({ trustProxy });
      const url = await listen(sessions.routes());
      const browser = await TestBrowser.signedIn(sessions);
      const response = await fetch(`${url}/curfew/end`, {
        method: "POST",
        headers: { ...forwarded, cookie: browser.cookie ?? "", "content-type": "application/json" },
        body: JSON.stringify({ sid: browser.live.sid }),
      });
      expect(response.status).toBe(status);
    }
  });
});
