/** The built doctor as a process of its own, and wrong sites for it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { createSessionVerifier, memoryStore } from "curfew/server";
import express, { type Express } from "express";
import { chromiumLaunch } from "../browsers.js";
import { paced } from "../pace.js";

const PROGRAM = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

export interface Told {
  readonly code: number | null;
  readonly findings: readonly { readonly code: string; readonly asked: string; readonly got: string }[];
  readonly unseen: readonly { readonly what: string; readonly how: string }[];
  readonly text: string;
}

/** @param timeout for one answer, in milliseconds; paced here */
export async function runDoctor(url: string, timeout: number, ...args: readonly string[]): Promise<Told> {
  const { executablePath } = chromiumLaunch({ full: true });
  const browser = executablePath === undefined ? [] : ["--browser", executablePath];
  const given = ["doctor", url, "--json", "--timeout", `${paced(timeout)}ms`, ...browser, ...args];
  const child = spawn(process.execPath, [PROGRAM, ...given], { stdio: ["ignore", "pipe", "pipe"] });
  const [printed, complained, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close") as Promise<[number | null]>,
  ]);
  const report = printed === "" ? { findings: [], unseen: [] } : JSON.parse(printed);
  return { code, ...report, text: printed + complained };
}

/** A sign-in script as an adopter writes it. */
export function writeSignIn(file: string, steps: string): string {
  writeFileSync(file, `export default async (page, url) => {\n${steps}\n};\n`);
  return file;
}

/** Presses the one button of the sign-in page. */
export const PRESS = `await page.goto(new URL("/login", url).href);
  await page.getByRole("button").click();
  await page.waitForLoadState();`;

export interface Shop {
  readonly url: string;
  close(): Promise<void>;
}

export async function openServer(listener: RequestListener): Promise<Shop> {
  const server: Server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export const INCLUDE = '<script src="/curfew/curfew.js" defer></script>';

/** A small shop: `before` and `pages` say what is wrong with it. */
export function createShop(parts: {
  readonly before?: (app: Express) => void;
  readonly pages: (app: Express, sessions: ReturnType<typeof verifier>) => void;
}): Express {
  const sessions = verifier();
  const app = express();
  parts.before?.(app);
  app.use(sessions.routes());
  app.get("/login", (_request, response) => {
    response.send(
      `<!doctype html><title>Sign in</title>${INCLUDE}<form method="post" action="/login"><button>Sign in</button></form>`,
    );
  });
  app.post("/login", async (request, response) => {
    await sessions.start(request, response, { subject: "ann" });
    response.cookie("own", "ann").redirect(303, "/account");
  });
  parts.pages(app, sessions);
  return app;
}

const verifier = () =>
  createSessionVerifier({
    policy: { idle: "15m", absolute: "12h", warning: "2m" },
    store: memoryStore(),
    signInUrl: "/login",
    logger: { info: () => {}, warn: () => {}, error: console.error },
  });
