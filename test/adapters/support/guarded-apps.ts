/** Apps that answer everything with a secret, behind each adapter's guard and nothing else. */
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { getRequestListener } from "@hono/node-server";
import express from "express";
import fastify, { type FastifyInstance } from "fastify";
import { Hono } from "hono";
import * as onFastify from "../../../src/server/adapters/fastify.js";
import * as onHono from "../../../src/server/adapters/hono.js";
import * as onNode from "../../../src/server/adapters/node.js";
import * as onWeb from "../../../src/server/adapters/web.js";
import type { GuardOptions } from "../../../src/server/http/guard-options.js";
import type { SessionVerifierOptions } from "../../../src/server/verifier/options.js";
import { bridge } from "./web-app.js";

export const SECRET = "the payroll";

export interface GuardedApp {
  readonly name: string;
  listener(options: SessionVerifierOptions, guard?: GuardOptions): Promise<RequestListener>;
}

function tell(_request: IncomingMessage, response: ServerResponse): void {
  response.setHeader("X-Secret", SECRET);
  response.end(SECRET);
}

/** By Express: the guard as the app mounts it. */
function byExpress(
  name: string,
  mount: (app: express.Express, guard: onNode.NodeHandler, page: onNode.NodeHandler) => void,
): GuardedApp {
  return {
    name: `Express, ${name}`,
    async listener(options, guard) {
      const sessions = onNode.createSessionVerifier(options);
      const app = express();
      mount(app, sessions.guard(guard), sessions.page(guard));
      return app;
    },
  };
}

/** By Fastify: with the protocol in the same app, or elsewhere. */
function byFastify(
  name: string,
  mount: (
    app: FastifyInstance,
    sessions: onFastify.FastifySessionVerifier,
    guard: GuardOptions | undefined,
  ) => Promise<unknown>,
): GuardedApp {
  return {
    name: `Fastify, ${name}`,
    async listener(options, guard) {
      const app = fastify();
      await mount(app, onFastify.createSessionVerifier(options), guard);
      await app.ready();
      return (request, response) => app.routing(request, response);
    },
  };
}

const tellByFastify = async (_request: unknown, reply: { header(name: string, value: string): unknown }) => {
  reply.header("x-secret", SECRET);
  return SECRET;
};

function byHono(
  name: string,
  mount: (app: Hono, guard: ReturnType<onHono.HonoSessionVerifier["guard"]>) => void,
) {
  return {
    name: `Hono, ${name}`,
    async listener(options: SessionVerifierOptions, guard?: GuardOptions) {
      const app = new Hono();
      mount(app, onHono.createSessionVerifier(options).guard(guard));
      return getRequestListener(app.fetch);
    },
  };
}

const secretResponse = () => new Response(SECRET, { headers: { "x-secret": SECRET } });

export const guardedApps: readonly GuardedApp[] = [
  {
    name: "node:http",
    async listener(options, rules) {
      const guard = onNode.createSessionVerifier(options).guard(rules);
      return (request, response) => guard(request, response, () => tell(request, response));
    },
  },
  {
    name: "node:http, page()",
    async listener(options, rules) {
      const guard = onNode.createSessionVerifier(options).page(rules);
      return (request, response) => guard(request, response, () => tell(request, response));
    },
  },
  byExpress("app.use", (app, guard) => app.use(guard, tell)),
  byExpress("app.all", (app, guard) => app.all("/{*path}", guard, tell)),
  byExpress("below a path", (app, guard) => app.use("/curfew", guard, tell).use("/payroll", guard, tell)),
  byExpress("page()", (app, _guard, page) => app.use(page).use(tell)),
  byFastify("a hook of the whole app before the protocol", async (app, sessions, guard) => {
    app.addHook("onRequest", sessions.guard(guard));
    await app.register(sessions.routes());
    app.all("/curfew/payroll", tellByFastify);
    app.all("/*", tellByFastify);
    app.setNotFoundHandler(tellByFastify);
  }),
  byFastify("a hook of the whole app, the protocol elsewhere", async (app, sessions, guard) => {
    app.addHook("onRequest", sessions.guard(guard));
    app.all("/*", tellByFastify);
  }),
  byFastify("a route's own guard", async (app, sessions, guard) => {
    await app.register(sessions.routes());
    app.all("/curfew/payroll", { onRequest: sessions.guard(guard) }, tellByFastify);
    app.all("/*", { preHandler: sessions.page(guard) }, tellByFastify);
  }),
  byHono("app.use", (app, guard) => void app.use(guard).all("*", secretResponse)),
  byHono("app.all", (app, guard) => void app.all("*", guard, secretResponse)),
  {
    name: "fetch-style",
    async listener(options, rules) {
      const guard = onWeb.createSessionVerifier(options).guard(rules);
      return bridge(async (request) => {
        const passed = await guard(request);
        return passed instanceof Response ? passed : passed.finish(secretResponse());
      });
    },
  },
];
