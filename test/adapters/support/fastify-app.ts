/** The test app on Fastify 5. */
import fastify from "fastify";
import { createSessionVerifier } from "../../../src/server/adapters/fastify.js";
import { claimsIn, type Framework, outcomeOf } from "./test-app.js";

export const onFastify: Framework = {
  name: "Fastify 5",
  async mount(options, inFront) {
    const sessions = createSessionVerifier(options);
    const app = fastify();
    // Its own JSON parser is always there; this is one that the app has put in its place.
    if (inFront === "json")
      app.addContentTypeParser("application/json", { parseAs: "string" }, (_request, body, done) =>
        done(null, JSON.parse(String(body))),
      );
    if (inFront === "drain")
      app.addHook("onRequest", (request, _reply, done) => {
        request.raw.resume().once("end", () => done());
      });
    await app.register(sessions.routes());
    app.post("/sign-in", async (request, reply) => {
      await sessions.start(request, reply, { subject: "ann" });
      return reply.redirect("/", 303);
    });
    app.post("/callback", async (request, reply) =>
      outcomeOf(sessions.start(request, reply, claimsIn(request.url))),
    );
    app.get("/authorization", async (request) => sessions.authorization(request));
    app.post("/reauth", async (request, reply) => {
      await sessions.reauthenticate(request, reply, { subject: "ann" });
      return reply.code(204).send();
    });
    app.post("/sign-out", async (request, reply) => {
      await sessions.signOut(request, reply);
      return reply.code(204).send();
    });
    app.post("/promote", async (request) => (await sessions.update(request, { roles: ["admin"] })).roles);
    app.get("/status", async (request) => ({ status: (await sessions.check(request)).status }));
    app.get("/wait", async (request, reply) => {
      const result = await sessions.check(request);
      if (result.status === "active") result.signal.addEventListener("abort", () => reply.raw.end("over"));
      reply.hijack().raw.flushHeaders();
    });
    app.post("/api/echo", { onRequest: sessions.guard({ proof: true }) }, async ({ body }) => body);
    app.get("/api/fresh", { onRequest: sessions.guard({ fresh: "5m" }) }, async () => ({}));
    app.get("/api/admin", { preHandler: sessions.guard({ roles: "admin" }) }, async () => ({}));
    app.get("/report", { onRequest: sessions.page() }, async () => "report");
    await app.register((guarded, _options, done) => {
      guarded.addHook("onRequest", sessions.guard());
      guarded.options("/api/me", async (_request, reply) => reply.code(204).send());
      guarded.get("/api/me", async ({ curfew }) => ({ subject: curfew?.subject }));
      guarded.all("/*", async () => "kept");
      done();
    });
    await app.ready();
    return { sessions, listener: (request, response) => app.routing(request, response) };
  },
};
