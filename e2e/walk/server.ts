/** The walk's server, a process of its own that can be killed at any time: the real verifier on a SQLite file, with its audit trail in another. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createSessionVerifier, jsonLinesAudit } from "curfew/server";
import { sqliteStore } from "curfew/server/sqlite";

const [port = "0", store = "", audit = "", idle = "", absolute = "", warning = "", heartbeat = ""] =
  process.argv.slice(2);

const sessions = createSessionVerifier({
  policy: { idle, absolute, warning, heartbeat, reach: "1s", unsafeForTesting: true },
  store: sqliteStore(store),
  signInUrl: "/login",
  audit: jsonLinesAudit(audit),
  logger: { info() {}, warn() {}, error: console.error },
});
const [routes, page] = [sessions.routes(), sessions.page()];

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://walk.test");
  if (pathname === "/in") {
    await sessions.start(request, response, { subject: searchParams.get("as") ?? "ann" });
    response.writeHead(303, { location: "/" }).end();
  } else if (pathname === "/revoke") {
    await sessions.endAll(searchParams.get("of") ?? "");
    response.end();
  } else if (pathname === "/" || pathname === "/other")
    page(request, response, () => response.setHeader("content-type", "text/html").end(PAGE));
  else response.setHeader("content-type", "text/html").end("<!doctype html><title>Sign in</title>");
}

const PAGE = `<!doctype html><html lang="en"><title>Notes</title>
<link rel="icon" href="data:,">
<script src="/curfew/curfew.js" defer></script>
<p id="word">the combination is 4711</p>
<p><button id="out" onclick="Curfew.session.end().catch(() => {})">Sign out</button></p>
<textarea id="note"></textarea>`;

const server = createServer((request, response) => {
  routes(request, response, () => {
    answer(request, response).catch((error: unknown) => {
      console.error(error);
      response.destroy();
    });
  });
});
server.listen(Number(port), "127.0.0.1", () => {
  console.log(`walk ready on http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
