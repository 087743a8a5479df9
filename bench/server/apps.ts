/** The measured servers: Curfew behind each adapter, as an app mounts it, and the frameworks alone. */
import { createServer, type Server } from "node:http";
import { createAdaptorServer } from "@hono/node-server";
import {
  type AuditSink,
  createSessionVerifier,
  jsonLinesAudit,
  memoryStore,
  type SessionStore,
  signedLog,
} from "curfew/server";
import * as fastifyAdapter from "curfew/server/fastify";
import * as honoAdapter from "curfew/server/hono";
import { redisStore } from "curfew/server/redis";
import { sqliteStore } from "curfew/server/sqlite";
import express from "express";
import Fastify from "fastify";
import { Hono } from "hono";
import { betterAuthApp } from "../peers/better-auth.mjs";
import { dpop } from "../peers/dpop.mjs";
import { expressSession } from "../peers/express-session.mjs";
import { floor } from "./floor.js";
import { straight } from "./straight.js";

/** What a measured server is made of, and where it may keep things. */
export interface Setting {
  readonly app: string;
  readonly store?: string;
  readonly audit?: string;
  readonly folder: string;
  readonly redis?: string;
}

const STORES: Readonly<Record<string, (setting: Setting) => SessionStore>> = {
  memory: () => memoryStore(),
  "sqlite full": ({ folder }) => sqliteStore(`${folder}/full.db`),
  "sqlite relaxed": ({ folder }) => sqliteStore(`${folder}/relaxed.db`, { durability: "relaxed" }),
  redis: ({ redis }) => redisStore(redis ?? ""),
};

const SINKS: Readonly<Record<string, (setting: Setting) => readonly AuditSink[]>> = {
  none: () => [],
  "json lines": ({ folder }) => [jsonLinesAudit(`${folder}/audit.jsonl`)],
  "signed log": ({ folder }) => [signedLog({ directory: `${folder}/log` })],
};

function optionsOf(setting: Setting) {
  const sinks = SINKS[setting.audit ?? "none"]?.(setting);
  const made = STORES[setting.store ?? "memory"]?.(setting);
  if (sinks === undefined || made === undefined)
    throw new Error(`no such server: ${JSON.stringify(setting)}`);
  return {
    policy: { idle: "15m", absolute: "12h", warning: "2m", unsafeForTesting: true },
    store: made,
    audit: sinks,
    signInUrl: "/sign-in",
    cookie: "plain",
    limits: { status: 100_000_000 },
    logger: { info: () => {}, warn: () => {}, error: console.error },
  } as const;
}

const nameIn = (url: string | undefined) => new URLSearchParams(url?.split("?")[1]).get("name") ?? "somebody";

/** Each framework with Curfew, and without it. */
const APPS: Readonly<Record<string, (setting: Setting) => Server | Promise<Server>>> = {
  floor,
  straight,
  dpop,
  "better-auth": betterAuthApp,
  "express-session": expressSession,
  node(setting) {
    const sessions = createSessionVerifier(optionsOf(setting));
    const [routes, guard] = [sessions.routes(), sessions.guard()];
    return createServer((request, response) =>
      routes(request, response, () => {
        if (request.url === "/plain") return response.end("plain");
        if (request.url === "/guarded") return guard(request, response, () => void response.end("guarded"));
        const begun = sessions.start(request, response, { subject: nameIn(request.url) });
        void begun.then(() => response.end());
      }),
    );
  },
  express(setting) {
    const sessions = createSessionVerifier(optionsOf(setting));
    const app = express();
    app.use(sessions.routes());
    app.post("/sign-in", async (request, response) => {
      await sessions.start(request, response, { subject: nameIn(request.url) });
      response.end();
    });
    app.get("/plain", (_request, response) => void response.end("plain"));
    app.get("/guarded", sessions.guard(), (_request, response) => void response.end("guarded"));
    return createServer(app);
  },
  "express alone"() {
    const app = express();
    app.post(
      "/sign-in",
      (_request, response) => void response.setHeader("Set-Cookie", "sid=1; Path=/").end(),
    );
    app.get("/{*path}", (_request, response) => void response.end("plain"));
    return createServer(app);
  },
  "node alone"() {
    return createServer((request, response) => {
      if (request.method === "POST") response.setHeader("Set-Cookie", "sid=1; Path=/");
      response.end("plain");
    });
  },
  async fastify(setting) {
    const sessions = fastifyAdapter.createSessionVerifier(optionsOf(setting));
    const app = Fastify();
    await app.register(sessions.routes());
    app.post("/sign-in", async (request, reply) => {
      await sessions.start(request, reply, { subject: nameIn(request.url) });
      return "";
    });
    app.get("/plain", async () => "plain");
    app.get("/guarded", { onRequest: sessions.guard() }, async () => "guarded");
    await app.ready();
    return app.server;
  },
  hono(setting) {
    const sessions = honoAdapter.createSessionVerifier(optionsOf(setting));
    const app = new Hono();
    app.use(sessions.routes());
    app.post("/sign-in", async (c) => {
      await sessions.start(c, { subject: nameIn(c.req.url) });
      return c.text("");
    });
    app.get("/plain", (c) => c.text("plain"));
    app.get("/guarded", sessions.guard(), (c) => c.text("guarded"));
    return createAdaptorServer(app) as Server;
  },
};

/** @throws Error where there is no such server */
export async function makeServer(setting: Setting): Promise<Server> {
  const make = APPS[setting.app];
  if (make === undefined) throw new Error(`no such server: ${setting.app}`);
  return make(setting);
}
