/** Starts the demo, says where it is, and stops it cleanly. */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigurationError, StoreUnavailableError } from "curfew/server";
import { openTrail } from "./audit-trail.js";
import { bundleScripts } from "./bundles.js";
import { EnvironmentError, readEnvironment, type Settings } from "./environment.js";
import { createDemo, type Demo } from "./server.js";

const HOST = "127.0.0.1";

try {
  await start(readEnvironment(process.env));
} catch (error) {
  const isExpected = [EnvironmentError, ConfigurationError, StoreUnavailableError].some(
    (kind) => error instanceof kind,
  );
  if (!(isExpected && error instanceof Error)) throw error;
  console.error(`The demo cannot start.\n${error.message}`);
  process.exitCode = 1;
}

async function start(settings: Settings): Promise<void> {
  const scripts = await bundleScripts();
  const folder = mkdtempSync(join(tmpdir(), "curfew-demo-"));
  const chosen = settings.store.kind === "sqlite" ? settings.store.path : null;
  const storePath = chosen ?? join(folder, "sessions.db");
  const trail = openTrail(chosen === null ? join(folder, "audit.jsonl") : `${chosen}.audit.jsonl`);
  const demo = createDemo({ settings, storePath, trail, scripts });
  await readyOrClosed(demo, folder);
  const server = createServer(demo.app);
  const stop = stopper(server, demo, folder);
  process.once("SIGINT", stop).once("SIGTERM", stop);
  server.once("error", (error: NodeJS.ErrnoException) => {
    console.error(sentenceOf(error, settings.port));
    process.exitCode = 1;
    stop();
  });
  server.listen(settings.port, HOST, () => {
    const { port } = server.address() as AddressInfo;
    console.log(`Curfew demo ready on http://${HOST}:${port}`);
  });
}

/** A store that cannot be used ends the demo before anybody signs in. */
async function readyOrClosed({ sessions }: Demo, folder: string): Promise<void> {
  try {
    await sessions.ready();
  } catch (error) {
    await sessions.close();
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

function stopper(server: Server, { sessions }: Demo, folder: string): () => void {
  return () => {
    server.close();
    server.closeAllConnections();
    void sessions.close().finally(() => rmSync(folder, { recursive: true, force: true }));
  };
}

function sentenceOf(error: NodeJS.ErrnoException, port: number): string {
  if (error.code === "EADDRINUSE")
    return `Port ${port} is in use. Stop what runs there, or choose another: PORT=${port + 1} npm run demo (PORT=0 takes any free one).`;
  if (error.code === "EACCES")
    return `Port ${port} may not be used by this account. Choose one above 1023: PORT=3000 npm run demo.`;
  return `The demo cannot listen on port ${port}: ${error.message}`;
}
