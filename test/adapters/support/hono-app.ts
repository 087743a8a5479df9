/** The test app on Hono 4, served by `@hono/node-server`. */
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { createSessionVerifier, type HonoSessionVerifier } from "../../../src/server/adapters/hono.js";
import type { SessionVerifierOptions } from "../../../src/server/verifier/options.js";
import { claimsIn, type Framework, type InFront, outcomeOf } from "./test-app.js";

export function honoApp(
  options: SessionVerifierOptions,
  inFront: InFront = "nothing",
): { readonly app: Hono; readonly sessions: HonoSessionVerifier } {
  const sessions = createSessionVerifier(options);
  const app = new Hono();
  app.use(async (c, next) => {
    if (c.req.method === "POST" && inFront === "json") await c.req.json().catch(() => null);
    if (c.req.method === "POST" && inFront === "drain") await c.req.raw.text();
    await next();
  });
  app.use(sessions.routes());
  app.post("/sign-in", async (c) => {
    await sessions.start(c, { subject: "ann" });
    return c.redirect("/", 303);
  });
  app.post("/callback", async (c) => c.json(await outcomeOf(sessions.start(c, claimsIn(c.req.url)))));
  app.get("/authorization", async (c) => c.json(await sessions.authorization(c)));
  app.post("/reauth", async (c) => {
    await sessions.reauthenticate(c, { subject: "ann" });
    return c.body(null, 204);
  });
  app.post("/sign-out", async (c) => {
    await sessions.signOut(c);
    return c.body(null, 204);
  });
  app.post("/promote", async (c) => c.json((await sessions.update(c, { roles: ["admin"] })).roles));
  app.get("/status", async (c) => c.json({ status: (await sessions.check(c)).status }));
  app.get("/wait", async (c) => {
    const result = await sessions.check(c);
    if (result.status !== "active") return c.body(null, 401);
    return c.body(untilAborted(result.signal));
  });
  app.post("/api/echo", sessions.guard({ proof: true }), async (c) => c.json(await c.req.json()));
  app.get("/api/fresh", sessions.guard({ fresh: "5m" }), (c) => c.json({}));
  app.get("/api/admin", sessions.guard({ roles: "admin" }), (c) => c.json({}));
  app.get("/report", sessions.page(), (c) => c.text("report"));
  app.use(sessions.guard());
  app.options("/api/me", (c) => c.body(null, 204));
  app.get("/api/me", (c) => c.json({ subject: c.get("curfew").subject }));
  app.all("/*", () => new Response("kept"));
  return { app, sessions };
}

/** A stream that says "over" when the signal aborts. */
export function untilAborted(signal: AbortSignal): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      signal.addEventListener("abort", () => {
        controller.enqueue(new TextEncoder().encode("over"));
        controller.close();
      });
    },
  });
}

export const onHono: Framework = {
  name: "Hono 4",
  mount(options, inFront) {
    const { app, sessions } = honoApp(options, inFront);
    return { sessions, listener: getRequestListener(app.fetch) };
  },
};
