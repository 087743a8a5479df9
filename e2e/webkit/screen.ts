/** Processes that the tests of WebKitGTK need: a screen that nobody sees, and the driver. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { freePort } from "../../test/free-port.js";
import { webkitDriverPath } from "../browsers.js";

export interface Driver {
  readonly url: string;
  stop(): Promise<void>;
}

/** @throws Error that names what is missing, or says what was printed */
export async function startDriver(): Promise<Driver> {
  const path = webkitDriverPath();
  if (path === undefined) throw new Error("WebKitWebDriver is missing.");
  const { screen, display } = await startScreen();
  const port = await freePort();
  const env = {
    ...process.env,
    DISPLAY: display,
    GDK_BACKEND: "x11",
    WEBKIT_DISABLE_COMPOSITING_MODE: "1",
    LIBGL_ALWAYS_SOFTWARE: "1",
  };
  const driver = spawn(path, [`--port=${port}`], { env, stdio: "ignore" });
  const url = `http://127.0.0.1:${port}`;
  await isReady(driver, url);
  return {
    url,
    async stop() {
      await end(driver);
      await end(screen);
    },
  };
}

/** The browser that the driver drives, in the folder of its library. */
export function miniBrowserPath(): string {
  if (process.env.WEBKIT_BROWSER_PATH) return process.env.WEBKIT_BROWSER_PATH;
  const found = readdirSync("/usr/lib")
    .flatMap((folder) => ["4.1", "4.0"].map((api) => `/usr/lib/${folder}/webkit2gtk-${api}/MiniBrowser`))
    .find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new Error("No MiniBrowser was found below /usr/lib; set WEBKIT_BROWSER_PATH.");
}

/** A screen with a number that is free. */
async function startScreen(): Promise<{ screen: ChildProcess; display: string }> {
  const args = ["-displayfd", "3", "-screen", "0", "1280x800x24", "-nolisten", "tcp"];
  const screen = spawn("Xvfb", args, { stdio: ["ignore", "ignore", "ignore", "pipe"] });
  const number = await new Promise<string>((resolve, reject) => {
    let printed = "";
    screen.stdio[3]?.on("data", (chunk: Buffer) => {
      printed += chunk.toString();
      if (printed.endsWith("\n")) resolve(printed.trim());
    });
    screen.once("error", reject);
    screen.once("exit", (code) => reject(new Error(`Xvfb ended with ${code} before it had a screen.`)));
  });
  return { screen, display: `:${number}` };
}

async function isReady(driver: ChildProcess, url: string): Promise<void> {
  const giveUpAt = Date.now() + 15_000;
  while (Date.now() < giveUpAt) {
    if (driver.exitCode !== null) throw new Error(`WebKitWebDriver ended with ${driver.exitCode}.`);
    const answer = await fetch(`${url}/status`).catch(() => null);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`WebKitWebDriver does not answer at ${url}.`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  await exited;
}
