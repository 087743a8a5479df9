/** What the tests of the examples share: the installed sources, a server on a real port, and a clock that they move. */
import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { inject, onTestFinished } from "vitest";

export const MINUTE = 60_000;
export const POLICY = { idle: "15m", absolute: "12h" } as const;

/** The folder of an installed example. */
export function folderOf(example: string): string {
  return join(inject("examples"), example);
}

/** A module of an installed example, as its own `node_modules` make it. */
export async function load<Module>(example: string, path: string): Promise<Module> {
  return (await import(pathToFileURL(join(folderOf(example), path)).href)) as Module;
}

/** A room of the Curfew that the examples have installed: the very one that they import. */
export async function loadCurfew<Module>(path: string): Promise<Module> {
  return (await import(
    pathToFileURL(join(inject("examples"), "node_modules/curfew/dist/import", path)).href
  )) as Module;
}

export const curfewServer = () => loadCurfew<typeof import("../../src/server/index.js")>("server/index.js");
export const curfewTesting = () =>
  loadCurfew<typeof import("../../src/testing/index.js")>("testing/index.js");

/** Listens on a free port for as long as the test runs. @returns the URL */
export async function listen(app: RequestListener | Server): Promise<string> {
  const server = typeof app === "function" ? createServer(app) : app;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}

/** The request header `Cookie` of what an answer sets; what it clears is left out. */
export function cookieOf({ headers }: { readonly headers: Headers }): string {
  const set = headers.getSetCookie().map((line) => line.split(";")[0] ?? "");
  return set.filter((pair) => !pair.endsWith("=")).join("; ");
}

/** A post of JSON, as the app's own page makes it. */
export function postJson(url: string, value: unknown, headers: Record<string, string> = {}) {
  return fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", origin: new URL(url).origin, ...headers },
    body: JSON.stringify(value),
  });
}

/** What an answer says. */
export async function said(response: Response): Promise<Record<string, unknown>> {
  return { httpStatus: response.status, ...((await response.json()) as object) };
}
