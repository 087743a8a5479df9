/** A server for the measured pages: one page for each bundle, and a verifier at /curfew. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import { createSessionVerifier, memoryStore } from "../src/server/index.js";
import type { TestClock } from "../src/testing/test-clock.js";

export interface Served {
  readonly url: string;
  close(): void;
}

export interface ServeOptions {
  /** The verifier's time, where it is moved by hand. */
  readonly clock?: TestClock;
  readonly idle?: string;
}

/** Serves `/<name>` for each of `scripts`; `/start` signs a person in. */
export async function serve(
  scripts: ReadonlyMap<string, Uint8Array>,
  { clock, idle = "15m" }: ServeOptions = {},
): Promise<Served> {
  const sessions = createSessionVerifier({
    // A stream keeps real time, and the hour does not.
    policy: { idle, absolute: "12h", warning: "2m", reach: false },
    store: memoryStore(clock === undefined ? {} : { clock }),
    signInUrl: "/start",
  });
  const app = express();
  app.use(sessions.routes());
  app.get("/start", async (request, response) => {
    await sessions.start(request, response, { subject: "somebody" });
    response.send("signed in");
  });
  app.get("/:name.js", (request, response) => {
    response.type("text/javascript").send(Buffer.from(scripts.get(request.params.name) ?? ""));
  });
  app.get("/:name", ({ params: { name } }, response) => {
    response.send(
      `<!doctype html><title>${name}</title><link rel="icon" href="data:,"><div id="app"></div><script type="module" src="/${name}.js"></script>`,
    );
  });
  const server = createServer(app);
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close() {
      server.closeAllConnections();
      server.close();
      void sessions.close();
    },
  };
}
