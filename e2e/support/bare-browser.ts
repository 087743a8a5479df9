/** Chromium without the test tool, which holds prerendered pages up for ever: a few commands of its own protocol. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { chromium } from "@playwright/test";
import WebSocket from "ws";
import { chromiumLaunch } from "../browsers.js";
import { devtoolsEndpoint } from "./devtools-endpoint.js";

/** Sends a command to a page. */
export type Send = (method: string, params?: object) => Promise<Record<string, unknown>>;

export interface BareBrowser {
  /** The pages of the browser's one tab in the order in which they began: the shown one, and then a prerendered one. */
  readonly pages: readonly Send[];
  /** The cookies that the browser has for `url`, as a header. */
  cookies(url: string): Promise<string>;
  close(): Promise<void>;
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly sessionId: string; readonly targetInfo: { readonly type: string } };
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

/** @param profile a folder that does not exist yet, and does not any more after `close` */
export async function openBareBrowser(profile: string): Promise<BareBrowser> {
  const { executablePath = chromium.executablePath(), args } = chromiumLaunch();
  const child = spawn(
    executablePath,
    ["--headless", ...args, "--disable-sync", "--remote-debugging-port=0", `--user-data-dir=${profile}`],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  const endpoint = await devtoolsEndpoint(child);
  const socket = new WebSocket(endpoint);
  await once(socket, "open");
  const send = commandsOver(socket);
  const pages: Send[] = [];
  socket.on("message", (data) => {
    const { method, params } = JSON.parse(String(data)) as Message;
    if (method === "Target.attachedToTarget" && params?.targetInfo.type === "page")
      pages.push((command, more) => send(command, more, params.sessionId));
  });
  // By its tab: who attaches to a page itself switches prerendering off.
  const { targetId } = await send("Target.createTarget", { url: "about:blank", forTab: true });
  const { sessionId } = await send("Target.attachToTarget", { targetId, flatten: true });
  const attaching = { autoAttach: true, waitForDebuggerOnStart: false, flatten: true };
  await send("Target.setAutoAttach", attaching, String(sessionId));
  return {
    pages,
    async cookies(url) {
      const { cookies } = await send("Storage.getCookies");
      const { hostname } = new URL(url);
      return (cookies as { name: string; value: string; domain: string }[])
        .filter(({ domain }) => domain === hostname)
        .map(({ name, value }) => `${name}=${value}`)
        .join("; ");
    },
    async close() {
      socket.close();
      const exited = once(child, "exit");
      child.kill("SIGTERM");
      await exited;
      // The browser's last files appear while the folder is being removed.
      await rm(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
    },
  };
}

function commandsOver(socket: WebSocket) {
  const waiting = new Map<number, (message: Message) => void>();
  let last = 0;
  socket.on("message", (data) => {
    const message = JSON.parse(String(data)) as Message;
    waiting.get(message.id ?? 0)?.(message);
  });
  return async (method: string, params: object = {}, sessionId?: string) => {
    const id = ++last;
    const answered = new Promise<Message>((resolve) => waiting.set(id, resolve));
    socket.send(JSON.stringify({ id, method, params, ...(sessionId === undefined ? {} : { sessionId }) }));
    const { result = {}, error } = await answered;
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result;
  };
}
