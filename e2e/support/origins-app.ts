/** An API with the verifier on one origin, and pages on another: a plain server, or Vite's own with its proxy. */
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSessionVerifier, memoryStore } from "curfew/server";
import { createServer as createVite } from "vite";
import { pacedText } from "../pace.js";

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly host: string;
  answered: number;
}

export interface Running {
  readonly port: number;
  close(): Promise<void>;
}

export interface Api extends Running {
  readonly calls: readonly Call[];
}

/** `/in?to=URL` signs in and goes on to that page. */
export async function openApi(origins: readonly string[]): Promise<Api> {
  const sessions = createSessionVerifier({
    policy: {
      idle: pacedText("7s"),
      absolute: "1h",
      warning: pacedText("4s"),
      heartbeat: pacedText("300ms"),
      unsafeForTesting: true,
    },
    store: memoryStore(),
    signInUrl: "/in",
    origins,
    logger: { info() {}, warn() {}, error() {} },
  });
  const routes = sessions.routes();
  const calls: Call[] = [];
  const running = await listen((request, response) => {
    const { method = "", url: path = "/", headers } = request;
    const call: Call = { method, path, host: headers.host ?? "", answered: 0 };
    calls.push(call);
    response.once("finish", () => {
      call.answered = response.statusCode;
    });
    routes(request, response, async () => {
      const { pathname, searchParams } = new URL(path, "http://api.example");
      if (pathname === "/in") await sessions.start(request, response, { subject: "ann" });
      response.writeHead(pathname === "/in" ? 303 : 404, { location: searchParams.get("to") ?? "/" }).end();
    });
  });
  return {
    ...running,
    calls,
    async close() {
      await running.close();
      await sessions.close();
    },
  };
}

/** Serves one page that loads the script include from `script`. */
export function openPages(script: () => string): Promise<Running> {
  return listen((_request, response) => {
    response.writeHead(200, { "content-type": "text/html" }).end(pageOf(script()));
  });
}

/** Vite's development server, with a proxy to `target` that changes the Host header; `drop`: headers that get lost. */
export async function openVite(target: string, drop: readonly string[] = [], port = 0): Promise<Running> {
  const root = mkdtempSync(join(tmpdir(), "curfew-vite-"));
  writeFileSync(join(root, "index.html"), pageOf("/curfew/curfew.js"));
  const way = {
    target,
    changeOrigin: true,
    configure: (proxy: {
      on(type: "proxyReq", act: (request: { removeHeader(name: string): void }) => void): unknown;
    }) => {
      proxy.on("proxyReq", (request) => {
        for (const name of drop) request.removeHeader(name);
      });
    },
  };
  const vite = await createVite({
    root,
    configFile: false,
    logLevel: "silent",
    cacheDir: join(root, "cache"),
    server: { host: "127.0.0.1", port, proxy: { "/curfew": way, "/in": way } },
  });
  await vite.listen();
  const address = vite.httpServer?.address();
  if (typeof address !== "object" || address === null) throw new Error("Vite listens on no port");
  return {
    port: address.port,
    async close() {
      await vite.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

async function listen(answer: RequestListener): Promise<Running> {
  const server: Server = createServer(answer);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function pageOf(script: string): string {
  return `<!doctype html><html lang="en"><head><title>A page</title><link rel="icon" href="data:,">
<script>
  addEventListener("DOMContentLoaded", () => {
    globalThis.errors = [];
    Curfew.session.on("error", (error) => globalThis.errors.push(error));
  });
</script>
<script src="${script}" defer></script></head><body><h1>A page</h1></body></html>`;
}
