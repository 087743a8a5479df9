/** An app of its own for the tests of activity: the real server, pages that a test writes, and a second site for frames. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";
import { build } from "esbuild";
import { type WebSocket, WebSocketServer } from "ws";
import type { AuditRecord } from "../../src/server/audit/audit-record.js";
import { createSessionVerifier, memoryStore } from "../../src/server/index.js";
import type { PolicyOptions } from "../../src/server/policy/policy.types.js";
import { test as base, expect, type Status, statusOf, wait } from "../fixtures.js";
import { paced, pacedText } from "../pace.js";

/** 4 s idle, 1 s warning, and heartbeats quick enough to see what has counted; all of it paced when the app opens. */
export const QUICK: PolicyOptions = {
  idle: "4s",
  absolute: "10m",
  warning: "1s",
  heartbeat: "200ms",
  unsafeForTesting: true,
};

/** The same with more time for a test that has to wait between its inputs. */
export const ROOMY: PolicyOptions = { ...QUICK, idle: "30s", warning: "2s" };

export interface AppOptions {
  readonly policy?: PolicyOptions;
  /** What stands in the body of the app's page; FOREIGN, here and in `pages`, becomes the address of the other site. */
  readonly body?: string;
  /** More attributes of the script tag, such as `data-frames="…"`; gets the address of the other site. */
  readonly script?: (foreign: string) => string;
  /** Pages of the app's own origin besides, by path. Not guarded, and without the client. */
  readonly pages?: Readonly<Record<string, string>>;
  /** Pages of the other site, by path. */
  readonly foreign?: Readonly<Record<string, string>>;
}

export interface App {
  readonly url: string;
  /** Another site: another origin in another process. */
  readonly foreign: string;
  readonly audit: readonly AuditRecord[];
  /** Every request to the app's own origin, as `POST /curfew/heartbeat`. */
  readonly calls: readonly string[];
  close(): Promise<void>;
}

export const test = base.extend<{ readonly openApp: (options?: AppOptions) => Promise<App> }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixture's needs from this pattern
  openApp: async ({}, use) => {
    const apps: App[] = [];
    await use(async (options = {}) => {
      const app = await startApp(options);
      apps.push(app);
      return app;
    });
    await Promise.all(apps.map((app) => app.close()));
  },
});

async function startApp(options: AppOptions): Promise<App> {
  const scripts = await bundled();
  const foreignPages = { ...scripts, ...options.foreign };
  const foreign = createServer((request, response) => sendPage(request, response, foreignPages));
  const foreignUrl = `http://localhost:${await portOf(foreign)}`;
  const audit: AuditRecord[] = [];
  const calls: string[] = [];
  const sessions = createSessionVerifier({
    policy: pacedPolicy(options.policy ?? ROOMY),
    store: memoryStore(),
    signInUrl: "/start",
    audit: { write: (record) => void audit.push(record) },
  });
  const routes = sessions.routes();
  const attributes = options.script?.(foreignUrl) ?? "";
  const head = `<!doctype html><title>App</title><script src="/curfew.js" data-base="/curfew" ${attributes}></script>`;
  const pages = {
    "/": `${head}<body style="height: 3000px">${(options.body ?? "").replaceAll("FOREIGN", foreignUrl)}</body>`,
    ...scripts,
    ...Object.fromEntries(
      Object.entries(options.pages ?? {}).map(([path, text]) => [
        path,
        text.replaceAll("FOREIGN", foreignUrl),
      ]),
    ),
  };
  const server = createServer((request, response) => {
    calls.push(`${request.method} ${request.url?.split("?")[0]}`);
    if (request.url === "/start") {
      void sessions.start(request, response, { subject: "ann" }).then(() => {
        response.writeHead(303, { location: "/" }).end();
      });
    } else if (request.url?.split("?")[0] === "/events") {
      response.writeHead(200, { "content-type": "text/event-stream" });
      repeat(response, () => response.write("data: news\n\n"));
    } else routes(request, response, () => sendPage(request, response, pages));
  });
  const sockets = new WebSocketServer({ server, path: "/socket" });
  sockets.on("connection", (socket) => repeat(socket, () => socket.send("news")));
  const url = `http://127.0.0.1:${await portOf(server)}`;
  return {
    url,
    foreign: foreignUrl,
    audit,
    calls,
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      for (const one of [server, foreign]) {
        one.closeAllConnections();
        await new Promise((done) => one.close(done));
      }
      await sessions.close();
    },
  };
}

function pacedPolicy(policy: PolicyOptions): PolicyOptions {
  const durations = Object.entries(policy)
    .filter(([name]) => ["idle", "warning", "heartbeat", "media"].includes(name))
    .map(([name, duration]) => [name, typeof duration === "string" ? pacedText(duration) : duration]);
  return { ...policy, ...Object.fromEntries(durations) };
}

const TYPES: Readonly<Record<string, string>> = {
  ".js": "text/javascript; charset=utf-8",
  ".wav": "audio/wav",
  ".pdf": "application/pdf",
};

/** Many times a second, until the connection is closed. */
function repeat(connection: ServerResponse | WebSocket, send: () => void): void {
  const timer = setInterval(send, 100);
  connection.on("close", () => clearInterval(timer));
}

function sendPage(
  request: IncomingMessage,
  response: ServerResponse,
  pages: Readonly<Record<string, string>>,
): void {
  const path = request.url?.split("?")[0] ?? "/";
  const page = pages[path];
  const type = TYPES[/\.\w+$/.exec(path)?.[0] ?? ""] ?? "text/html; charset=utf-8";
  response.writeHead(page === undefined ? 404 : 200, { "content-type": type });
  response.end(page);
}

async function portOf(server: Server): Promise<number> {
  await new Promise<void>((done) => server.listen(0, done));
  return (server.address() as AddressInfo).port;
}

let bundles: Promise<Readonly<Record<string, string>>> | undefined;

/** The two plain scripts, from the sources as they are. */
function bundled(): Promise<Readonly<Record<string, string>>> {
  bundles ??= build({
    absWorkingDir: fileURLToPath(new URL("../..", import.meta.url)),
    entryPoints: { curfew: "src/script-include.ts", "curfew-frame": "src/frame-include.ts" },
    bundle: true,
    write: false,
    outdir: "scripts",
    format: "iife",
    globalName: "Curfew",
    target: "es2022",
    logLevel: "warning",
  }).then(({ outputFiles }) =>
    Object.fromEntries(outputFiles.map(({ path, text }) => [`/${path.split("/").at(-1)}`, text])),
  );
  return bundles;
}

/** Opens the app's page with a session of its own; resolves once its key is bound. */
export async function enter(page: Page, app: App): Promise<Status> {
  await page.goto(`${app.url}/start`);
  await expect.poll(async () => (await statusOf(page)).key).not.toBeNull();
  return statusOf(page);
}

/** A page knows the server's time to half a round trip. A test lets more than this pass before input that it tells apart. */
const claimError = () => paced(300);

/** Resolves once the server has heard of input at `at` or later. */
export async function heardOf(page: Page, at: number): Promise<void> {
  await expect
    .poll(async () => (await statusOf(page)).lastActiveAt)
    .toBeGreaterThanOrEqual(at - claimError());
}

/** Fails where anything has counted by the end of `period`. */
export async function nothingCounts(page: Page, period: number): Promise<void> {
  const { lastActiveAt } = await statusOf(page);
  await wait(period);
  expect((await statusOf(page)).lastActiveAt).toBe(lastActiveAt);
}

/** What the heartbeats have counted that were accepted after the first `from` audit records, summed up; only kinds that came up. */
export function countsIn({ audit }: App, from = 0): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { heartbeat } of audit.slice(from)) {
    if (heartbeat === undefined) continue;
    const payload = Buffer.from(heartbeat.split(".")[1] ?? "", "base64url").toString();
    const { counts } = JSON.parse(payload) as { counts: Record<string, number> };
    for (const [kind, count] of Object.entries(counts)) if (count > 0) sums[kind] = (sums[kind] ?? 0) + count;
  }
  return sums;
}
