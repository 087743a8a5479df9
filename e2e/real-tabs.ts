/** A browser without the test tool's defaults: tabs can be hidden, and pages are kept for the back button. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { type BrowserContext, chromium } from "@playwright/test";
import { chromiumLaunch } from "./browsers.js";
import { test as base } from "./fixtures.js";

export interface RealTabs {
  readonly tabs: BrowserContext;
}

export const test = base.extend<RealTabs>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixture's needs from this pattern
  tabs: async ({}, use, info) => {
    const profile = info.outputPath("profile");
    const { executablePath = chromium.executablePath(), args } = chromiumLaunch({ full: true });
    const quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync"];
    const child = spawn(
      executablePath,
      [
        "--headless",
        ...args,
        ...quiet,
        "--remote-debugging-port=0",
        `--user-data-dir=${profile}`,
        "about:blank",
      ],
      { stdio: ["ignore", "ignore", "pipe"] },
    );
    const endpoint = await new Promise<string>((resolve, reject) => {
      let output = "";
      child.stderr.on("data", (chunk: Buffer) => {
        output += chunk.toString();
        const match = /listening on (ws:\S+)/.exec(output);
        if (match?.[1] !== undefined) resolve(match[1]);
      });
      child.once("exit", () => reject(new Error(output)));
    });
    const browser = await chromium.connectOverCDP(endpoint, { noDefaults: true });
    const [context] = browser.contexts();
    if (context === undefined) throw new Error("the browser has no window");
    await use(context);
    await browser.close();
    child.kill("SIGTERM");
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    // The browser's last files appear while the folder is being removed.
    await rm(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  },
});
