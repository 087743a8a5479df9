/** A small app of many server-rendered pages, with the real verifier: links, a search field and a form that lead on and on. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createSessionVerifier, memoryStore } from "curfew/server";

export interface PagesApp {
  readonly url: string;
  /** The answers to heartbeats, in order. */
  readonly beats: readonly number[];
  close(): Promise<void>;
}

export interface PagesAppOptions {
  /** Pages and the session's answers come this many milliseconds late. */
  readonly delay: number;
  readonly heartbeat: string;
}

/** `/in` signs in; `/page/1` leads to `/page/2`, by a link, a field or a form, and so on. */
export async function openPagesApp({ delay, heartbeat }: PagesAppOptions): Promise<PagesApp> {
  const sessions = createSessionVerifier({
    policy: { idle: "5m", absolute: "1h", warning: "25s", heartbeat },
    store: memoryStore(),
    signInUrl: "/in",
    logger: { info() {}, warn() {}, error() {} },
  });
  const beats: number[] = [];
  const routes = sessions.routes();
  const server = createServer((request, response) => void answer(request, response));

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? "/";
    if (path === "/curfew/heartbeat") response.once("finish", () => beats.push(response.statusCode));
    if (!path.endsWith(".js")) await new Promise((go) => setTimeout(go, delay));
    routes(request, response, () => void answerPage(path, request, response));
  }
  async function answerPage(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (path === "/in") {
      await sessions.start(request, response, { subject: "ann" });
      response.writeHead(303, { location: "/page/0" }).end();
      return;
    }
    request.resume();
    const { pathname } = new URL(path, "http://pages.example");
    const number = Number(/^\/page\/(\d+)$/.exec(pathname)?.[1]);
    response.writeHead(Number.isNaN(number) ? 404 : 200, {
      "content-type": "text/html",
      "cache-control": "no-store",
    });
    response.end(Number.isNaN(number) ? "" : pageOf(number));
  }

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    beats,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
      await sessions.close();
    },
  };
}

function pageOf(number: number): string {
  const next = `/page/${number + 1}`;
  return `<!doctype html><html lang="en"><title>Page ${number}</title>
<link rel="icon" href="data:,">
<script src="/curfew/curfew.js" defer></script>
<h1>Page ${number}</h1>
<p><a id="link" href="${next}">Next</a></p>
<form action="${next}"><input id="field" name="q" aria-label="Search" autofocus></form>
<form action="${next}" method="post"><button id="submit">Go on</button></form>`;
}
