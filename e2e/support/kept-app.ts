/** Pages without the client, which would cover itself: what a browser keeps of them for the back button is seen bare. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createSessionVerifier, memoryStore } from "curfew/server";

const SCRIPT = `<script>
  addEventListener("pageshow", ({ persisted }) => { document.documentElement.dataset.kept = String(persisted); });
  async function signOut() {
    const { sid } = await (await fetch("/curfew/session")).json();
    const headers = { "content-type": "application/json" };
    const answer = await fetch("/curfew/end", { method: "POST", headers, body: JSON.stringify({ sid }) });
    return answer.headers.get("clear-site-data");
  }
</script>`;
/** Guarded. */
const NOTES = `<!doctype html><title>Notes</title><p>the combination is 4711<a href="/other">other</a>${SCRIPT}`;
/** Also what stands at the sign-in URL. */
const OTHER = `<!doctype html><title>Other</title><p>elsewhere${SCRIPT}`;

export interface KeptApp {
  readonly url: string;
  close(): void;
}

/** `GET /sign-in` signs in and leads to the notes at `/`. */
export async function openKeptApp(clearCache = true): Promise<KeptApp> {
  const sessions = createSessionVerifier({
    policy: { idle: "15m", absolute: "12h", unsafeForTesting: true },
    store: memoryStore(),
    signInUrl: "/login",
    cookie: "plain",
    clearCache,
    logger: { info: () => {}, warn: () => {}, error: console.error },
  });
  const [routes, page] = [sessions.routes(), sessions.page()];
  const server = createServer((request, response) => {
    const send = (html: string) => void response.setHeader("Content-Type", "text/html").end(html);
    const signIn = async () => {
      await sessions.start(request, response, { subject: "ann" });
      response.writeHead(303, { Location: "/" }).end();
    };
    routes(request, response, () => {
      if (request.url === "/sign-in") void signIn();
      else if (request.url === "/") page(request, response, () => send(NOTES));
      else send(OTHER);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
