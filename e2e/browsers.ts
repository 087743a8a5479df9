/** Which Chromium the tests run in: one that is named, the test tool's own, or the system's. */
import { existsSync, readdirSync } from "node:fs";
import { dirname } from "node:path";
import { chromium } from "@playwright/test";

export interface ChromiumLaunch {
  /** Absent: the test tool's own. */
  readonly executablePath?: string;
  readonly args: readonly string[];
}

const SHELL = "/usr/bin/chromium-headless-shell";
const FULL = ["/usr/bin/chromium", "/usr/bin/google-chrome", "/usr/bin/chromium-browser"];

/**
 * How to start Chromium here.
 * @param full a whole browser, with hidden tabs and pages kept for the back button; else the quicker headless shell will do
 * @throws Error that says how to get one
 */
export function chromiumLaunch({ full = false } = {}): ChromiumLaunch {
  const args = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
  ];
  if (process.env.CHROMIUM_PATH) return { executablePath: process.env.CHROMIUM_PATH, args };
  if (hasOwnChromium(full)) return { args };
  const found = [...(full ? [] : [SHELL]), ...FULL].find((path) => existsSync(path));
  if (found !== undefined) return { executablePath: found, args };
  throw new Error(
    'No Chromium was found. Run "npx playwright install chromium", or on Debian "apt-get install -y chromium chromium-headless-shell", or set CHROMIUM_PATH.',
  );
}

function hasOwnChromium(full: boolean): boolean {
  const own = chromium.executablePath();
  if (existsSync(own)) return true;
  const cache = dirname(dirname(dirname(own)));
  return (
    !full &&
    existsSync(cache) &&
    readdirSync(cache).some((name) => name.startsWith("chromium_headless_shell-"))
  );
}
