/** Opens the demo on an address of its own, and closes it with all that it made. */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openTrail } from "./audit-trail.js";
import type { Settings } from "./environment.js";
import { createDemo, type Demo } from "./server.js";

const HOST = "127.0.0.1";

export interface OpenDemo {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/**
 * @param scripts the bundled scripts, by file name
 * @throws ConfigurationError or StoreUnavailableError, and what the system says where it cannot listen
 */
export async function openDemo(settings: Settings, scripts: ReadonlyMap<string, string>): Promise<OpenDemo> {
  const folder = mkdtempSync(join(tmpdir(), "curfew-demo-"));
  const chosen = settings.store.kind === "sqlite" ? settings.store.path : null;
  const storePath = chosen ?? join(folder, "sessions.db");
  const trail = await openTrail(chosen === null ? join(folder, "audit") : `${chosen}.audit`);
  const demo = createDemo({ settings, storePath, trail, scripts });
  const server = createServer(demo.app);
  const close = closer(server, demo, folder);
  try {
    await demo.sessions.ready();
    await listen(server, settings.port);
  } catch (error) {
    await close();
    throw error;
  }
  return { url: `http://${HOST}:${(server.address() as AddressInfo).port}`, close };
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, HOST);
  await once(server, "listening");
}

function closer(server: Server, { sessions }: Demo, folder: string): () => Promise<void> {
  return async () => {
    server.close();
    server.closeAllConnections();
    await sessions.close().finally(() => rmSync(folder, { recursive: true, force: true }));
  };
}
