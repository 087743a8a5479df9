/** An app in which nobody ever loads a second page: people sign in, go on and sign out by way of a framework. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { build } from "esbuild";
import { createSessionVerifier, memoryStore } from "../../src/server/index.js";

export interface SoftApp {
  readonly url: string;
  /** Every question that a page has asked about its session. */
  readonly questions: () => number;
  close(): Promise<void>;
}

/** `history`: what SvelteKit and Livewire do, by hand. `panel`: the answer is put into the page, and its address stays. */
export type Framework = "turbo" | "htmx" | "inertia" | "history" | "panel";

const VIEWS = {
  "/login":
    '<h1>Sign in</h1><form action="/login" method="post"><input id="user" name="user" aria-label="User"><button>Sign in</button></form>',
  "/records":
    '<h1>Records</h1><p>Balance 1,234</p><input id="note" aria-label="Note"><form action="/logout" method="post"><button>Sign out</button></form>',
};
type Path = keyof typeof VIEWS;

/** Sends forms by `fetch` and shows the answer, with or without a new address; keeps what was shown for the back button. */
const BY_HAND = (keepsAddress: boolean) => `addEventListener("submit", async (event) => {
  event.preventDefault();
  const { action } = event.target;
  const answer = await fetch(action, { method: "POST", body: new URLSearchParams(new FormData(event.target)) });
  const next = new DOMParser().parseFromString(await answer.text(), "text/html");
  ${keepsAddress ? "" : 'history.replaceState(document.querySelector("main").innerHTML, ""); history.pushState(null, "", answer.url);'}
  document.querySelector("main").replaceWith(next.querySelector("main"));
});
addEventListener("popstate", ({ state }) => { document.querySelector("main").innerHTML = state; });`;

const INERTIA = `import { router } from "@inertiajs/core";
const main = document.querySelector("main");
router.init({
  initialPage: JSON.parse(document.getElementById("page").textContent),
  resolveComponent: async (name) => name,
  swapComponent: async ({ page }) => { main.innerHTML = page.props.html; },
});
addEventListener("submit", (event) => {
  event.preventDefault();
  router.post(event.target.getAttribute("action"), Object.fromEntries(new FormData(event.target)));
});`;

const require = createRequire(import.meta.url);

async function frameworkScript(framework: Framework): Promise<string> {
  if (framework === "turbo")
    return readFileSync(require.resolve("@hotwired/turbo/dist/turbo.es2017-umd.js"), "utf8");
  if (framework === "htmx") return readFileSync(require.resolve("htmx.org/dist/htmx.js"), "utf8");
  if (framework !== "inertia") return BY_HAND(framework === "panel");
  return bundleOf({ contents: INERTIA, resolveDir: process.cwd() });
}

async function bundleOf(stdin: { contents: string; resolveDir: string }): Promise<string> {
  const { outputFiles } = await build({
    stdin,
    bundle: true,
    format: "iife",
    globalName: "Curfew",
    write: false,
  });
  return outputFiles[0]?.text ?? "";
}

export async function openSoftApp(framework: Framework): Promise<SoftApp> {
  const client = 'export * from "./src/script-include.js"';
  const scripts: Readonly<Record<string, string>> = {
    "/curfew.js": await bundleOf({ contents: client, resolveDir: process.cwd() }),
    "/framework.js": await frameworkScript(framework),
  };
  const sessions = createSessionVerifier({
    // Nobody waits for an end by idle here, on however slow a machine.
    policy: { idle: "20m", absolute: "2h", warning: "2s", heartbeat: "200ms", unsafeForTesting: true },
    store: memoryStore(),
    signInUrl: "/login",
    logger: { info() {}, warn() {}, error: console.error },
  });
  const routes = sessions.routes();
  let questions = 0;

  function page(path: Path): string {
    const data = { component: path, props: { html: VIEWS[path] }, url: path, version: "1", flash: {} };
    const json =
      framework === "inertia"
        ? `<script type="application/json" id="page">${JSON.stringify(data).replaceAll("<", "\\u003c")}</script>`
        : "";
    const boost = framework === "htmx" ? ' hx-boost="true"' : "";
    return `<!doctype html><html lang="en"><head><title>App</title><link rel="icon" href="data:,">
<script src="/framework.js" defer></script><script src="/curfew.js" data-base="/curfew" defer></script></head>
<body${boost}><main>${VIEWS[path]}</main>${json}</body></html>`;
  }

  function show(path: Path, request: IncomingMessage, response: ServerResponse): void {
    const isInertia = request.headers["x-inertia"] !== undefined;
    const data = { component: path, props: { html: VIEWS[path] }, url: path, version: "1", flash: {} };
    response.writeHead(200, {
      "content-type": isInertia ? "application/json" : "text/html; charset=utf-8",
      "cache-control": "no-store",
      vary: "X-Inertia",
      ...(isInertia ? { "x-inertia": "true" } : {}),
    });
    response.end(isInertia ? JSON.stringify(data) : page(path));
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? "/", "http://app.example");
    const script = scripts[pathname];
    const lead = (location: Path) => void response.writeHead(303, { location }).end();
    if (script !== undefined)
      response.writeHead(200, { "content-type": "text/javascript; charset=utf-8" }).end(script);
    else if (request.method === "POST") {
      request.resume();
      if (pathname === "/login") await sessions.start(request, response, { subject: "ann" });
      else await sessions.signOut(request, response);
      lead(pathname === "/login" ? "/records" : "/login");
    } else if (pathname === "/login") show("/login", request, response);
    else if ((await sessions.check(request)).status === "active") show("/records", request, response);
    else lead("/login");
  }

  const server = createServer((request, response) => {
    if (request.url?.startsWith("/curfew/session")) questions++;
    routes(request, response, () => void answer(request, response));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    questions: () => questions,
    async close() {
      server.closeAllConnections();
      server.close();
      await sessions.close();
    },
  };
}
