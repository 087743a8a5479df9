/** A site for measured pages: `/start` signs a person in, `/` has the script include, `/NAME` a script of the bench's own. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type AuditRecord, createSessionVerifier, memoryStore } from "../../src/server/index.js";
import type { TestClock } from "../../src/testing/test-clock.js";

/** Short enough to be waited for. */
export const SHORT = { idle: "3s", absolute: "1h", warning: "1s", unsafeForTesting: true } as const;

export interface Site {
  readonly port: number;
  readonly url: string;
  readonly server: Server;
  /** When each session has ended by time. */
  readonly ends: ReadonlyMap<string, number>;
  /** How many heartbeats have been accepted. */
  readonly accepted: { heartbeats: number };
  close(): void;
}

export interface SiteOptions {
  readonly policy: Readonly<Record<string, string | boolean>>;
  /** The verifier's time, where it is moved by hand. */
  readonly clock?: TestClock;
  readonly scripts?: ReadonlyMap<string, Uint8Array>;
  /** What the script include is. Default: Curfew's own. */
  readonly include?: string;
  readonly onRecord?: (record: AuditRecord) => void;
}

const pageWith = (script: string) => `<!doctype html><html lang="en"><meta charset="utf-8"><title>Page</title>
<link rel="icon" href="data:,"><body><p id="text">Balance 1,234</p><div id="app"></div>${script}</body></html>`;

export const INCLUDE = "/curfew/curfew.js";

export async function serveSite({
  policy,
  clock,
  scripts = new Map(),
  include,
  onRecord,
}: SiteOptions): Promise<Site> {
  const ends = new Map<string, number>();
  const accepted = { heartbeats: 0 };
  let people = 0;
  const sessions = createSessionVerifier({
    policy: policy as { idle: string; absolute: string },
    store: memoryStore(clock === undefined ? {} : { clock }),
    signInUrl: "/sign-in",
    limits: { status: 100_000 },
    logger: { info: () => {}, warn: () => {}, error: console.error },
    onEvent(record) {
      onRecord?.(record);
      const { type, sid, endedAt } = record;
      if (type === "session_expired") ends.set(String(sid), Date.parse(String(endedAt)));
      if (type === "session_renewed") accepted.heartbeats++;
    },
  });
  const routes = sessions.routes();
  const server = createServer((request, response) => {
    if (include !== undefined && request.url === INCLUDE)
      return void response.setHeader("Content-Type", "text/javascript").end(include);
    return routes(request, response, async () => {
      const [, name = ""] = /^\/(\w*)/.exec(request.url ?? "/") ?? [];
      if (request.url === "/start") {
        const { sid } = await sessions.start(request, response, { subject: `person ${people++}` });
        return response.end(sid);
      }
      if (request.url?.endsWith(".js")) {
        response.setHeader("Content-Type", "text/javascript");
        return response.end(scripts.get(name) ?? "");
      }
      response.setHeader("Content-Type", "text/html");
      if (name === "") return response.end(pageWith(`<script src="${INCLUDE}" defer></script>`));
      return response.end(
        pageWith(name === "bare" ? "" : `<script type="module" src="/${name}.js"></script>`),
      );
    });
  });
  // A connection that the server has just given up is one that a page, or the bench, may be about to use.
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    server,
    ends,
    accepted,
    close() {
      server.closeAllConnections();
      server.close();
      void sessions.close();
    },
  };
}
