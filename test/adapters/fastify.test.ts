import fastify from "fastify";
import { afterEach, describe, expect, test } from "vitest";
import { createSessionVerifier } from "../../src/server/adapters/fastify.js";
import { memoryStore } from "../../src/server/stores/memory.js";
import type { SessionVerifierOptions } from "../../src/server/verifier/options.js";
import { SILENT } from "../server/support/test-verifier.js";
import { HttpBrowser, send } from "./support/http-browser.js";
import { listen, stopServers } from "./support/test-app.js";

afterEach(stopServers);

function create(more: Partial<SessionVerifierOptions> = {}) {
  const sessions = createSessionVerifier({
    policy: { idle: "15m", absolute: "12h" },
    store: memoryStore(),
    signInUrl: "/login",
    logger: SILENT,
    ...more,
  });
  const app = fastify();
  app.post("/sign-in", async (request, reply) => {
    await sessions.start(request, reply, { subject: "ann" });
    return reply.redirect("/", 303);
  });
  return { app, sessions };
}

async function served({ app }: Pick<ReturnType<typeof create>, "app">): Promise<string> {
  await app.ready();
  return listen((request, response) => app.routing(request, response));
}

describe("the plugin", () => {
  test("leaves the app's own parser to the app's own routes", async () => {
    const { app, sessions } = create();
    app.register(sessions.routes());
    app.post("/api/notes", async ({ body }) => body);
    const url = await served({ app });
    const headers = { "content-type": "application/json" };
    expect((await send(url, "POST", "/api/notes", { headers, body: '{"a":1}' })).body).toEqual({ a: 1 });
    expect((await send(url, "POST", "/api/notes", { headers, body: "{" })).status).toBe(400);
    const text = { "content-type": "text/xml" };
    expect((await send(url, "POST", "/api/notes", { headers: text, body: "<a/>" })).status).toBe(415);
  });

  test("works where the app takes no JSON at all", async () => {
    const { app, sessions } = create();
    app.removeAllContentTypeParsers();
    app.register(sessions.routes());
    const browser = await HttpBrowser.signedIn(await served({ app }));
    expect((await browser.beat(Date.now())).status).toBe(200);
  });

  test("a guard for the whole app lets the protocol answer for itself", async () => {
    const { app, sessions } = create();
    app.register(sessions.routes());
    app.register((inner, _options, done) => {
      inner.addHook("onRequest", sessions.guard());
      inner.get("/api/me", async ({ curfew }) => curfew?.subject);
      done();
    });
    const { app: whole, sessions: strict } = create();
    whole.addHook("onRequest", strict.guard());
    whole.register(strict.routes());
    const url = await served({ app: whole });
    expect((await send(url, "GET", "/curfew/session")).body).toEqual({ v: 1, status: "none" });
    expect((await send(url, "POST", "/sign-in")).status).toBe(401);
    const browser = await HttpBrowser.signedIn(await served({ app }));
    expect((await browser.get("/api/me")).text).toBe("ann");
    expect((await browser.get("/api/none")).status).toBe(404);
  });

  test("decorates the requests of the whole app, and keeps to its base path below a prefix too", async () => {
    const { app, sessions } = create();
    app.register(sessions.routes(), { prefix: "/api" });
    const url = await served({ app });
    expect(app.hasRequestDecorator("curfew")).toBe(true);
    expect((await send(url, "GET", "/curfew/session")).status).toBe(200);
  });

  test("two verifiers share one app under two names", async () => {
    const { app, sessions } = create();
    const staff = createSessionVerifier({
      policy: { idle: "5m", absolute: "8h" },
      store: memoryStore(),
      signInUrl: "/staff",
      name: "staff",
      base: "/staff/curfew",
      logger: SILENT,
    });
    app.register(sessions.routes()).register(staff.routes());
    const url = await served({ app });
    for (const path of ["/curfew/session", "/staff/curfew/session"])
      expect((await send(url, "GET", path)).body).toEqual({ v: 1, status: "none" });
  });

  test("another plugin's hooks see its answers", async () => {
    const { app, sessions } = create();
    app.addHook("onSend", async (_request, reply) => {
      reply.header("x-frame-options", "DENY");
    });
    app.register(sessions.routes());
    const { headers } = await send(await served({ app }), "GET", "/curfew/session");
    expect(headers).toMatchObject({ "x-frame-options": "DENY", "content-type": "application/json" });
  });
});

describe("a hook", () => {
  test("stands before routes with types of their own", async () => {
    const { app, sessions } = create();
    app.register(sessions.routes());
    app.post<{ Body: { amount: number }; Reply: { paid: number } }>(
      "/pay",
      { onRequest: sessions.guard({ fresh: "5m" }) },
      async ({ body }) => ({ paid: body.amount }),
    );
    app.post<{ Reply: { 201: { id: string } } }>(
      "/staff",
      { preHandler: sessions.page() },
      async (request, reply) => {
        await sessions.reauthenticate(request, reply, { subject: "ann" });
        return reply.code(201).send({ id: "1" });
      },
    );
    const browser = await HttpBrowser.signedIn(await served({ app }));
    expect((await browser.post("/pay", { amount: 5 })).body).toEqual({ paid: 5 });
    expect((await browser.post("/staff", {})).body).toEqual({ id: "1" });
  });

  test("keeps the Vary and the cookies that are there", async () => {
    const { app, sessions } = create({ origins: ["https://www.app.test"] });
    app.addHook("onRequest", async (_request, reply) => {
      reply.header("vary", "Accept-Encoding").header("set-cookie", "a=1");
    });
    app.register(sessions.routes());
    const url = await served({ app });
    const { headers } = await send(url, "POST", "/sign-in");
    expect(headers["set-cookie"]).toEqual(["a=1", expect.stringMatching(/^__Host-curfew=/)]);
    const status = await send(url, "GET", "/curfew/session");
    expect(status.headers.vary).toBe("Accept-Encoding, Origin");
  });

  test("what a sign-in may not do is answered with its status", async () => {
    const { app, sessions } = create();
    app.register(sessions.routes());
    const url = await served({ app });
    const answer = await send(url, "POST", "/sign-in", { headers: { "sec-fetch-site": "cross-site" } });
    expect([answer.status, answer.headers["set-cookie"]]).toEqual([403, undefined]);
  });
});
