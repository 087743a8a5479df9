import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { afterEach, describe, expect, test } from "vitest";
import { createSessionVerifier } from "../../src/server/adapters/hono.js";
import { memoryStore } from "../../src/server/stores/memory.js";
import type { SessionVerifierOptions } from "../../src/server/verifier/options.js";
import { SILENT } from "../server/support/test-verifier.js";
import { honoApp } from "./support/hono-app.js";
import { HttpBrowser, send } from "./support/http-browser.js";
import { listen, stopServers } from "./support/test-app.js";

afterEach(stopServers);

const ORIGIN = "https://app.test";

function options(): SessionVerifierOptions {
  return {
    policy: { idle: "15m", absolute: "12h" },
    store: memoryStore(),
    signInUrl: "/login",
    logger: SILENT,
  };
}

describe("without Node's bindings", () => {
  test("app.fetch signs in, guards and answers the protocol", async () => {
    const { app } = honoApp(options());
    const started = await app.fetch(new Request(`${ORIGIN}/sign-in`, { method: "POST" }));
    const cookie = started.headers.getSetCookie()[0]?.split(";")[0] ?? "";
    const me = await app.fetch(new Request(`${ORIGIN}/api/me`, { headers: { cookie } }));
    expect(await me.json()).toEqual({ subject: "ann" });
    const status = await app.request(`${ORIGIN}/curfew/session`, { headers: { cookie } });
    const { sid } = (await status.json()) as { readonly sid: string };
    const end = await app.request(`${ORIGIN}/curfew/end`, {
      method: "POST",
      headers: { cookie, origin: ORIGIN, "content-type": "application/json" },
      body: JSON.stringify({ sid }),
    });
    expect(end.status).toBe(204);
    expect((await app.request(`${ORIGIN}/api/me`, { headers: { cookie } })).status).toBe(401);
  });

  test.each(["text", "json", "arrayBuffer", "blob"] as const)(
    "a body that c.req.%s() has read is taken from what Hono keeps",
    async (read) => {
      const sessions = createSessionVerifier(options());
      const app = new Hono().use(async (c, next) => {
        await c.req[read]();
        await next();
      }, sessions.routes());
      const answer = await app.request(`${ORIGIN}/curfew/end`, {
        method: "POST",
        headers: { origin: ORIGIN, "content-type": "application/json" },
        body: '{"sid":"x"}',
      });
      expect([answer.status, await answer.json()]).toEqual([
        401,
        expect.objectContaining({ type: "urn:curfew:no-session" }),
      ]);
    },
  );
});

describe("on a runtime that is not Node", () => {
  const policy = { idle: "10m", absolute: "12h", rules: [{ networks: ["203.0.113.0/24"], idle: "5m" }] };
  const idleOf = async (
    env: object,
    headers: Record<string, string> = {},
    trustProxy: readonly string[] = [],
  ) => {
    const { app } = honoApp({ ...options(), policy, trustProxy });
    const started = await app.fetch(new Request(`${ORIGIN}/sign-in`, { method: "POST", headers }), env);
    const cookie = started.headers.getSetCookie()[0]?.split(";")[0] ?? "";
    const status = await app.fetch(
      new Request(`${ORIGIN}/curfew/session`, { headers: { ...headers, cookie } }),
      env,
    );
    return ((await status.json()) as { readonly idleTimeout: number }).idleTimeout / 60_000;
  };
  const deno = (hostname: string) => ({ remoteAddr: { transport: "tcp", hostname, port: 1 } });
  const bun = (address: string | null) => ({
    requestIP: (request: unknown) =>
      request instanceof Request && address !== null ? { address, family: "IPv4", port: 1 } : null,
  });

  test("the address of the connection is what the bindings of Deno and Bun tell", async () => {
    for (const env of [deno("203.0.113.9"), bun("203.0.113.9"), { server: bun("203.0.113.9") }])
      expect(await idleOf(env)).toBe(5);
    for (const env of [deno("198.51.100.1"), bun("198.51.100.1"), { server: bun("198.51.100.1") }])
      expect(await idleOf(env)).toBe(10);
    const forwarded = { "x-forwarded-for": "198.51.100.1" };
    for (const env of [
      deno("127.0.0.1"),
      bun("::1"),
      { remoteAddr: { transport: "unix", path: "/app.sock" } },
    ]) {
      expect(await idleOf(env, forwarded, ["loopback"])).toBe(10);
      expect(await idleOf(env, { "x-forwarded-for": "203.0.113.9:7" }, ["loopback"])).toBe(5);
    }
  });

  test("without them it is not known, which is the stricter case", async () => {
    for (const env of [{}, { requestIP: 7 }, bun(null), { remoteAddr: null }])
      expect(await idleOf(env)).toBe(5);
  });
});

describe("the cookie of a sign-in", () => {
  test.each([
    ["a response of the handler's own", () => new Response("in")],
    ["one with a cookie of the app's", () => new Response("in", { headers: { "set-cookie": "a=1" } })],
    ["one that cannot be changed", () => Response.redirect(`${ORIGIN}/`, 303)],
  ])("is on %s", async (_name, respond) => {
    const sessions = createSessionVerifier(options());
    const app = new Hono().use(sessions.routes()).post("/sign-in", async (c) => {
      await sessions.start(c, { subject: "ann" });
      return respond();
    });
    const answer = await app.request(`${ORIGIN}/sign-in`, { method: "POST" });
    const names = answer.headers.getSetCookie().map((cookie) => cookie.split("=")[0]);
    expect(names.filter((name) => name === "__Host-curfew")).toHaveLength(1);
    expect(answer.headers.get("cache-control")).toBe("no-store");
  });
});

describe("on Node", () => {
  async function served(more: Partial<SessionVerifierOptions>) {
    return listen(getRequestListener(honoApp({ ...options(), ...more }).app.fetch));
  }

  test("forwarded headers are believed from listed proxies only", async () => {
    const forwarded = {
      "x-forwarded-proto": "https",
      "x-forwarded-host": "app.test",
      origin: ORIGIN,
    };
    for (const [trustProxy, status] of [
      [["loopback"], 204],
      [[], 403],
    ] as const) {
      const browser = await HttpBrowser.signedIn(await served({ trustProxy }));
      const body = JSON.stringify({ sid: browser.live.sid });
      const headers = { ...forwarded, "content-type": "application/json" };
      expect((await browser.send("POST", "/curfew/end", { headers, body })).status).toBe(status);
    }
  });

  test("a body that something in front of Hono has consumed is not waited for", async () => {
    const hono = getRequestListener(honoApp(options()).app.fetch);
    const url = await listen((request, response) => {
      request.resume().once("end", () => void hono(request, response));
    });
    const answer = await send(url, "POST", "/curfew/heartbeat", {
      headers: { "content-type": "application/json", "sec-fetch-site": "same-origin" },
      body: "{}",
    });
    expect([answer.status, answer.body.code]).toEqual([400, "body-consumed"]);
  });

  test("a body that a middleware reads a copy of is still there", async () => {
    const sessions = createSessionVerifier(options());
    const app = new Hono();
    app.use(async (c, next) => {
      if (c.req.method === "POST") await c.req.raw.clone().text();
      await next();
    }, sessions.routes());
    app.post("/sign-in", async (c) => {
      await sessions.start(c, { subject: "ann" });
      return c.redirect("/", 303);
    });
    const browser = await HttpBrowser.signedIn(await listen(getRequestListener(app.fetch)));
    expect((await browser.beat(Date.now())).status).toBe(200);
  });
});

test("the guard stands in front of what the handler throws, and leaves its own Cache-Control where it may", async () => {
  const sessions = createSessionVerifier(options());
  const app = new Hono();
  app.post("/sign-in", async (c) => {
    await sessions.start(c, { subject: "ann" });
    return c.body(null, 204);
  });
  app.get("/image", sessions.guard({ cacheable: true }), (c) =>
    c.body("x", 200, { "cache-control": "private, max-age=60" }),
  );
  app.get("/broken", sessions.guard(), () => {
    throw new Error("no such note");
  });
  app.onError((_error, c) => c.text("sorry", 500));
  const started = await app.request(`${ORIGIN}/sign-in`, { method: "POST" });
  const headers = { cookie: started.headers.getSetCookie()[0]?.split(";")[0] ?? "" };
  const image = await app.request(`${ORIGIN}/image`, { headers });
  expect(image.headers.get("cache-control")).toBe("private, max-age=60");
  const broken = await app.request(`${ORIGIN}/broken`, { headers });
  expect([broken.status, broken.headers.get("cache-control")]).toEqual([500, "no-store"]);
});
