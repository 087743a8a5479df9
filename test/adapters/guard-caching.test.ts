/** Nobody keeps a guarded answer, whatever the handler behind the guard says of caches. */
import type { IncomingHttpHeaders, IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { connect, createServer, type Http2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { getRequestListener } from "@hono/node-server";
import express, { type RequestHandler } from "express";
import fastify, { type FastifyReply } from "fastify";
import { type Context, Hono } from "hono";
import { afterEach, describe, expect, test } from "vitest";
import * as onFastify from "../../src/server/adapters/fastify.js";
import * as onHono from "../../src/server/adapters/hono.js";
import * as onNode from "../../src/server/adapters/node.js";
import * as onWeb from "../../src/server/adapters/web.js";
import type { GuardOptions } from "../../src/server/http/guard-options.js";
import { memoryStore } from "../../src/server/stores/memory.js";
import type { SessionVerifierOptions } from "../../src/server/verifier/options.js";
import { signIn } from "../../src/testing/sign-in.js";
import { SILENT } from "../server/support/test-verifier.js";
import { send } from "./support/http-browser.js";
import { listen, stopServers } from "./support/test-app.js";
import { bridge } from "./support/web-app.js";

const servers: Http2Server[] = [];
afterEach(() => {
  stopServers();
  for (const server of servers.splice(0)) server.close();
});

const PUBLIC = "public, max-age=60";

function options() {
  const warnings: string[] = [];
  const logger = { ...SILENT, warn: (line: string) => warnings.push(line) };
  const policy = { idle: "15m", absolute: "12h" };
  return { warnings, options: { policy, store: memoryStore(), signInUrl: "/login", logger } };
}

/** What the person gets who is signed in, and what the log says of it. */
async function answered(
  mount: (options: SessionVerifierOptions) => Promise<RequestListener> | RequestListener,
) {
  const { options: own, warnings } = options();
  const url = await listen(await mount(own));
  const { cookie } = await signIn(onNode.createSessionVerifier(own), { subject: "ann" });
  const get = () => send(url, "GET", "/report", { headers: { cookie } });
  const { status, headers } = await get();
  await get();
  return { status, headers, told: warnings.filter((line) => line.includes("cacheable")) };
}

function expectUnstored(headers: IncomingHttpHeaders): void {
  expect(headers["cache-control"]).toBe("no-store");
  const targeted = [
    "cdn-cache-control",
    "cloudflare-cdn-cache-control",
    "surrogate-control",
    "x-accel-expires",
  ];
  for (const name of targeted) expect(headers[name]).toBeUndefined();
}

type NodeAnswer = (request: IncomingMessage, response: ServerResponse) => void;
const byNode: readonly (readonly [string, NodeAnswer])[] = [
  ["setHeader", (_request, response) => void response.setHeader("Cache-Control", PUBLIC).end("x")],
  [
    "a list of values",
    (_request, response) => void response.setHeader("cache-control", ["public", "max-age=60"]).end("x"),
  ],
  [
    "writeHead with an object",
    (_request, response) => void response.writeHead(200, { "cache-control": PUBLIC }).end("x"),
  ],
  [
    "writeHead with a list",
    (_request, response) => void response.writeHead(200, "Fine", ["Cache-Control", PUBLIC]).end("x"),
  ],
  [
    "flushed headers",
    (_request, response) => {
      response.setHeader("Cache-Control", PUBLIC).flushHeaders();
      response.end("x");
    },
  ],
  [
    "its removal",
    (_request, response) => {
      response.removeHeader("Cache-Control");
      response.write("x");
      response.end();
    },
  ],
];

describe("in plain Node", () => {
  test.each(byNode)("%s does not win over no-store", async (name, answer) => {
    const { status, headers, told } = await answered((own) => {
      const guard = onNode.createSessionVerifier(own).guard();
      return (request, response) => guard(request, response, () => answer(request, response));
    });
    expect(status).toBe(200);
    expectUnstored(headers);
    expect(told).toHaveLength(name === "its removal" ? 0 : 1);
  });

  test("over HTTP/2 neither", async () => {
    const { options: own } = options();
    const sessions = onNode.createSessionVerifier(own);
    const guard = sessions.guard();
    const server = createServer((request, response) => {
      const [asked, answer] = [request as never, response as never];
      guard(asked, answer, () => response.writeHead(200, { "cache-control": PUBLIC }).end("x"));
    }).listen(0);
    servers.push(server);
    const { cookie } = await signIn(sessions, { subject: "ann" });
    const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const headers = await new Promise<IncomingHttpHeaders>((resolve, reject) => {
      client.request({ ":path": "/", cookie }).on("response", resolve).on("error", reject).resume();
    });
    client.close();
    expectUnstored(headers);
  });
});

const here = fileURLToPath(import.meta.url);
const byExpress: readonly (readonly [string, RequestHandler])[] = [
  ["res.set", (_request, response) => void response.set("Cache-Control", PUBLIC).send("x")],
  ["res.json", (_request, response) => void response.set({ "Cache-Control": PUBLIC }).json({})],
  ["res.redirect", (_request, response) => void response.set("Cache-Control", PUBLIC).redirect("/")],
  [
    "res.sendFile",
    (_request, response) =>
      response.sendFile(here, { maxAge: 60_000, headers: { "Cache-Control": PUBLIC }, dotfiles: "allow" }),
  ],
  [
    "express.static",
    express.static(fileURLToPath(new URL(".", import.meta.url)), {
      index: "guard-caching.test.ts",
      maxAge: "1y",
      immutable: true,
      setHeaders: (response) => response.setHeader("Cache-Control", PUBLIC),
    }),
  ],
];

test.each(byExpress)("in Express, %s does not win over no-store", async (name, answer) => {
  const { status, headers, told } = await answered((own) => {
    const mount = name === "express.static" ? "/report" : "/";
    return express().use(onNode.createSessionVerifier(own).guard()).use(mount, answer);
  });
  expect(status).toBe(name === "res.redirect" ? 302 : name === "express.static" ? 301 : 200);
  expectUnstored(headers);
  if (name !== "express.static") expect(told).toHaveLength(1);
});

type FastifyAnswer = (reply: FastifyReply) => unknown;
const byFastify: readonly (readonly [string, FastifyAnswer])[] = [
  [
    "reply.header",
    (reply) => reply.header("cache-control", PUBLIC).header("CDN-Cache-Control", "max-age=60").send("x"),
  ],
  ["reply.headers", (reply) => reply.headers({ "Cache-Control": PUBLIC, "x-accel-expires": "60" }).send({})],
  ["reply.raw", (reply) => reply.hijack().raw.writeHead(200, { "Cache-Control": PUBLIC }).end("x")],
  ["reply.redirect", (reply) => reply.header("cache-control", PUBLIC).redirect("/")],
];

test.each(byFastify)("in Fastify, %s does not win over no-store", async (_name, answer) => {
  const { headers, told } = await answered(async (own) => {
    const app = fastify();
    const sessions = onFastify.createSessionVerifier(own);
    app.addHook("onSend", async (_request, reply) => void reply.header("surrogate-control", "max-age=60"));
    app.get("/report", { onRequest: sessions.guard() }, (_request, reply) => void answer(reply));
    await app.ready();
    return (request, response) => app.routing(request, response);
  });
  expectUnstored(headers);
  expect(told).toHaveLength(1);
});

type HonoAnswer = (c: Context) => Response | Promise<Response>;
const byHono: readonly (readonly [string, HonoAnswer])[] = [
  ["c.text", (c) => c.text("x", 200, { "Cache-Control": PUBLIC })],
  [
    "a response of its own",
    () => new Response("x", { headers: { "cache-control": PUBLIC, "cdn-cache-control": "max-age=60" } }),
  ],
  ["a response that cannot be changed", () => Response.redirect("http://here.test/")],
];

test.each(byHono)("in Hono, %s does not win over no-store", async (name, answer) => {
  const { headers, told } = await answered((own) => {
    const app = new Hono().use(onHono.createSessionVerifier(own).guard());
    return getRequestListener(app.get("/report", answer).fetch);
  });
  expectUnstored(headers);
  expect(told).toHaveLength(name.includes("cannot") ? 0 : 1);
});

const behind = (own: SessionVerifierOptions, rules: GuardOptions, response: () => Response) => {
  const guard = onWeb.createSessionVerifier(own).guard(rules);
  return bridge(async (request) => {
    const passed = await guard(request);
    return passed instanceof Response ? passed : passed.finish(response());
  });
};

test.each([
  [
    "a header",
    () =>
      new Response("x", {
        headers: { "cache-control": PUBLIC, "cloudflare-cdn-cache-control": "max-age=9" },
      }),
  ],
  ["a response that cannot be changed", () => Response.redirect("http://here.test/")],
  ["an empty response", () => new Response(null, { status: 204 })],
])("with fetch, %s does not win over no-store on a response that is finished", async (_name, response) => {
  expectUnstored((await answered((own) => behind(own, {}, response))).headers);
});

describe("a guard that says cacheable", () => {
  const cacheable = { cacheable: true };
  const mounts: readonly (readonly [
    string,
    (own: SessionVerifierOptions, value?: string) => Promise<RequestListener> | RequestListener,
  ])[] = [
    [
      "Express",
      (own, value) =>
        express().use(onNode.createSessionVerifier(own).guard(cacheable), (_request, response) => {
          if (value !== undefined) response.set("Cache-Control", value);
          response.send("x");
        }),
    ],
    [
      "Fastify",
      async (own, value) => {
        const app = fastify();
        app.get(
          "/report",
          { onRequest: onFastify.createSessionVerifier(own).guard(cacheable) },
          async (_request, reply) => {
            if (value !== undefined) reply.header("cache-control", value);
            return "x";
          },
        );
        await app.ready();
        return (request, response) => app.routing(request, response);
      },
    ],
    [
      "Hono",
      (own, value) =>
        getRequestListener(
          new Hono()
            .use(onHono.createSessionVerifier(own).guard(cacheable))
            .get("/report", (c) => c.text("x", 200, value === undefined ? {} : { "cache-control": value }))
            .fetch,
        ),
    ],
    [
      "fetch",
      (own, value) =>
        behind(
          own,
          cacheable,
          () => new Response("x", { headers: value === undefined ? {} : { "cache-control": value } }),
        ),
    ],
  ];
  test.each(mounts)(
    "in %s leaves the app's word, and no-store where it says nothing",
    async (_name, mount) => {
      const { headers, told } = await answered((own) => mount(own, PUBLIC));
      expect([headers["cache-control"], told]).toEqual([PUBLIC, []]);
      expectUnstored((await answered((own) => mount(own))).headers);
    },
  );

  test("leaves nothing where another guard of the request does not", async () => {
    const { headers } = await answered((own) => {
      const sessions = onNode.createSessionVerifier(own);
      const answer: RequestHandler = (_request, response) =>
        void response.set("Cache-Control", PUBLIC).send("x");
      return express().use(sessions.guard(), sessions.guard(cacheable), answer);
    });
    expectUnstored(headers);
  });
});

test("an app's own no-store stays as it is, and is no news", async () => {
  const own = "no-cache, no-store, must-revalidate, no-transform";
  const { headers, told } = await answered((given) =>
    express().use(onNode.createSessionVerifier(given).guard(), (_request, response) => {
      response.set("Cache-Control", own).send("x");
    }),
  );
  expect([headers["cache-control"], told]).toEqual([own, []]);
});

test("the log names what the handler said, and what to write where it may be kept", async () => {
  const { told } = await answered((own) =>
    express().use(onNode.createSessionVerifier(own).guard(), (_request, response) => {
      response.set("Cache-Control", PUBLIC).send("x");
    }),
  );
  expect(told).toEqual([
    'curfew: a handler behind a guard set "Cache-Control: public, max-age=60", and the answer carries no-store instead; where it may be kept after the session\'s end, write guard({ cacheable: true })',
  ]);
});

test("an answer that sets the session cookie is not kept, whatever its handler says", async () => {
  const { options: own } = options();
  const sessions = onNode.createSessionVerifier(own);
  const app = express().post("/sign-in", async (request, response) => {
    await sessions.start(request, response, { subject: "ann" });
    response.set("Cache-Control", PUBLIC).send("in");
  });
  const { headers } = await send(await listen(app), "POST", "/sign-in");
  expect(headers["set-cookie"]).toHaveLength(1);
  expectUnstored(headers);
});
