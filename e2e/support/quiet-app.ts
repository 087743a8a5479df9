/** An app whose pages ask for nothing by themselves, with the real verifier: whatever they learn, they learn from Curfew. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createSessionVerifier, memoryStore, type SessionVerifier } from "curfew/server";

export interface QuietApp {
  readonly url: string;
  readonly sessions: SessionVerifier;
  /** The streams that are open now, and how many there have been. */
  readonly streams: { open: number; opened: number; refused: number };
  /** The ids of the sessions, in the order in which they began. */
  readonly sids: readonly string[];
  /** When each session ended, by the server's records. */
  readonly endedAt: ReadonlyMap<string, number>;
  /** How often the pages have asked for their session. */
  questions(): number;
  close(): Promise<void>;
}

export interface QuietAppOptions {
  readonly reach?: string | false;
  readonly streams?: number;
}

/** `/in` signs in and leads to the page at `/`, which a browser may keep; `/other` has no client. */
export async function openQuietApp({
  reach = "10s",
  streams = 100,
}: QuietAppOptions = {}): Promise<QuietApp> {
  const sids: string[] = [];
  const endedAt = new Map<string, number>();
  const sessions = createSessionVerifier({
    policy: { idle: "30m", absolute: "2h", reach },
    store: memoryStore(),
    signInUrl: "/in",
    limits: { streams },
    logger: { info() {}, warn() {}, error() {} },
    onEvent({ type, sid, at }) {
      if (typeof sid !== "string") return;
      if (type === "session_created") sids.push(sid);
      if (type === "session_revoked" || type === "session_logout") endedAt.set(sid, Date.parse(at));
    },
  });
  const counted = { open: 0, opened: 0, refused: 0 };
  let questions = 0;
  const routes = sessions.routes();
  const server = createServer((request, response) => {
    const path = request.url ?? "/";
    if (path.startsWith("/curfew/session")) questions++;
    if (path === "/curfew/events") count(response);
    routes(request, response, () => void answerPage(path, request, response));
  });

  function count(response: ServerResponse): void {
    counted.opened++;
    counted.open++;
    response.once("close", () => {
      counted.open--;
      if (response.statusCode !== 200) counted.refused++;
    });
  }
  async function answerPage(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (path === "/in") {
      await sessions.start(request, response, { subject: "ann" });
      return void response.writeHead(303, { location: "/" }).end();
    }
    response.writeHead(200, { "content-type": "text/html" });
    response.end(path === "/" ? PAGE : "<!doctype html><title>Other</title><p>elsewhere");
  }

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sessions,
    streams: counted,
    sids,
    endedAt,
    questions: () => questions,
    async close() {
      await sessions.close();
      server.closeAllConnections();
      server.close();
    },
  };
}

const PAGE = `<!doctype html><html lang="en"><title>Notes</title>
<link rel="icon" href="data:,">
<script src="/curfew/curfew.js" defer></script>
<p id="secret">the combination is 4711</p>
<script>addEventListener("pageshow", ({ persisted }) => { window.wasKept = persisted; });</script>`;
