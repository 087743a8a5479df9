/** A browser without the test tool's defaults: tabs can be hidden, pages are kept for the back button, and the machine can sleep. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { type Browser, type BrowserContext, chromium } from "@playwright/test";
import { chromiumLaunch } from "./browsers.js";
import { test as base } from "./fixtures.js";
import { devtoolsEndpoint } from "./support/devtools-endpoint.js";

export interface RealTabs {
  /** More switches for the browser; `test.use({ flags: [...] })`. */
  readonly flags: readonly string[];
  readonly realBrowser: RealBrowser;
  readonly tabs: BrowserContext;
  readonly machine: Machine;
}

interface RealBrowser {
  readonly browser: Browser;
  readonly context: BrowserContext;
  readonly process: ChildProcess;
}

/** The browser's side of a machine that sleeps: no process of it runs, and its clocks go on. */
export interface Machine {
  suspend(): void;
  wake(): void;
  /** Suspends, waits until this instant of `Date.now()`, and wakes. */
  sleepUntil(at: number): Promise<void>;
}

const QUIET = ["--disable-background-networking", "--disable-component-update", "--disable-sync"];

export const test = base.extend<RealTabs>({
  flags: [[], { option: true }],
  realBrowser: async ({ flags }, use, info) => {
    const profile = info.outputPath("profile");
    const real = await start(profile, flags);
    await use(real);
    await stop(real);
    // The browser's last files appear while the folder is being removed.
    await rm(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  },
  tabs: ({ realBrowser }, use) => use(realBrowser.context),
  machine: async ({ realBrowser }, use) => {
    const send = (signal: NodeJS.Signals) => signalGroup(realBrowser.process, signal);
    const machine: Machine = {
      suspend: () => send("SIGSTOP"),
      wake: () => send("SIGCONT"),
      async sleepUntil(at) {
        machine.suspend();
        await new Promise((resolve) => setTimeout(resolve, at - Date.now()));
        machine.wake();
      },
    };
    await use(machine);
    machine.wake();
  },
});

async function start(profile: string, flags: readonly string[]): Promise<RealBrowser> {
  const { executablePath = chromium.executablePath(), args } = chromiumLaunch({ full: true });
  const child = spawn(
    executablePath,
    [
      "--headless",
      ...args,
      ...QUIET,
      ...flags,
      "--remote-debugging-port=0",
      `--user-data-dir=${profile}`,
      "about:blank",
    ],
    // A group of its own, so that all its processes can be suspended at once.
    { stdio: ["ignore", "ignore", "pipe"], detached: true },
  );
  const endpoint = await devtoolsEndpoint(child);
  const browser = await chromium.connectOverCDP(endpoint, { noDefaults: true });
  const [context] = browser.contexts();
  if (context === undefined) throw new Error("the browser has no window");
  return { browser, context, process: child };
}

async function stop({ browser, process: child }: RealBrowser): Promise<void> {
  await browser.close();
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  signalGroup(child, "SIGTERM");
  await exited;
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid !== undefined) process.kill(-pid, signal);
}
