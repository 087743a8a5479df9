/** Which browsers the tests run in: those that are named, the test tool's own, or the system's. */
import { existsSync, readdirSync } from "node:fs";
import { dirname } from "node:path";
import { chromium } from "@playwright/test";
import engines from "../scripts/engines.json" with { type: "json" };

export interface ChromiumLaunch {
  /** Absent: the test tool's own. */
  readonly executablePath?: string;
  readonly args: readonly string[];
}

const SHELL = "/usr/bin/chromium-headless-shell";

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
  const found = [...(full ? [] : [SHELL]), ...engines.chromium.paths].find((path) => existsSync(path));
  if (found !== undefined) return { executablePath: found, args };
  throw new Error(
    'No Chromium was found. Run "npx playwright install chromium", or on Debian "apt-get install -y chromium chromium-headless-shell", or set CHROMIUM_PATH.',
  );
}

/** A stock Firefox, which the test tool drives by WebDriver BiDi; undefined where there is none. */
export function firefoxPath(): string | undefined {
  return pathOf(engines.firefox);
}

/** The driver of WebKitGTK; undefined where there is none. */
export function webkitDriverPath(): string | undefined {
  return pathOf(engines.webkit);
}

function pathOf({ variable, paths }: { variable: string; paths: readonly string[] }): string | undefined {
  return process.env[variable] || paths.find((path) => existsSync(path));
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
