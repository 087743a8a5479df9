/**
 * A Chromium of its own, spoken to by the DevTools protocol over a pipe. A tool that drives a browser has the protocol's `Runtime` tell
 * of everything, and then a page's first `fetch` takes ten times as long, for the sake of its stack: what a page costs people is
 * measured without that.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { chromium } from "@playwright/test";
import { chromiumLaunch } from "../../e2e/browsers.js";

type Params = Readonly<Record<string, unknown>>;

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Params;
  readonly result?: Params;
  readonly error?: { readonly message: string };
}

export interface DevTools {
  send(method: string, params?: Params, sessionId?: string): Promise<Params>;
  /** The next event of this name that is the right one. One listener an event. @throws Error where none comes within a minute */
  next(method: string, is?: (params: Params) => boolean): Promise<Params>;
  /** The same for all of them. */
  on(method: string, listener: (params: Params) => void): void;
  close(): Promise<void>;
}

const LONGEST_WAIT = 60_000;

export async function openDevTools(): Promise<DevTools> {
  const { executablePath = chromium.executablePath(), args } = chromiumLaunch();
  const profile = mkdtempSync(join(tmpdir(), "curfew-bench-"));
  const own = ["--headless", "--remote-debugging-pipe", `--user-data-dir=${profile}`, "about:blank"];
  const browser = spawn(executablePath, [...args, ...own], {
    stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
  });
  const [, , , input, output] = browser.stdio as unknown as [null, null, null, Writable, Readable];
  const waiting = new Map<number, { done(result: Params): void; fail(error: Error): void }>();
  const listeners = new Map<string, (params: Params) => void>();
  const ended = new Promise<void>((done) => void browser.once("exit", () => done()));
  let sent = 0;
  let rest = "";

  function take({ id, method, params = {}, result = {}, error }: Message): void {
    if (method !== undefined) listeners.get(method)?.(params);
    if (id === undefined) return;
    if (error === undefined) waiting.get(id)?.done(result);
    else waiting.get(id)?.fail(new Error(`Chromium says: ${error.message}`));
    waiting.delete(id);
  }

  output.setEncoding("utf8").on("data", (text: string) => {
    const messages = (rest + text).split("\0");
    rest = messages.pop() ?? "";
    for (const message of messages) take(JSON.parse(message) as Message);
  });
  // Who writes to a browser that has ended hears of it by its call.
  for (const end of [input, output]) end.on("error", () => {});
  let hasEnded = false;
  void ended.then(() => {
    hasEnded = true;
    for (const { fail } of waiting.values()) fail(new Error("Chromium has ended"));
  });

  function send(method: string, params: Params = {}, sessionId?: string): Promise<Params> {
    return new Promise((done, fail) => {
      if (hasEnded) return fail(new Error(`Chromium has ended before ${method}`));
      waiting.set(++sent, { done, fail });
      input.write(`${JSON.stringify({ id: sent, method, params, sessionId })}\0`);
    });
  }

  return {
    send,
    next: (method, is = () => true) =>
      new Promise((done, fail) => {
        const timer = setTimeout(
          () => fail(new Error(`Chromium told of no ${method} in time`)),
          LONGEST_WAIT,
        );
        listeners.set(method, (params) => {
          if (!is(params)) return;
          clearTimeout(timer);
          done(params);
        });
      }),
    on: (method, listener) => void listeners.set(method, listener),
    async close() {
      await send("Browser.close").catch(() => browser.kill());
      await ended;
      // What Chromium has started goes a moment later.
      rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
      for (const end of [input, output]) end.destroy();
    },
  };
}
