// Finds the browser engines of the end-to-end tests. Only Node's own modules, and the test tool where it is installed.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

/** @type {Record<"chromium" | "firefox" | "webkit", { name: string, variable: string, paths: string[], packages: string[] }>} */
export const ENGINES = JSON.parse(readFileSync(new URL("engines.json", import.meta.url), "utf8"));

/** The Chromium that the test tool would download; it may not be there. */
async function ownChromium() {
  const { chromium } = await import("@playwright/test");
  return chromium.executablePath();
}

/** A browser whose system libraries are missing exists and does not start. */
function starts(path, question) {
  const { status, stderr, error } = spawnSync(path, [question], { encoding: "utf8", timeout: 60_000 });
  if (status === 0) return true;
  console.error(`${path} does not start: ${(stderr || error?.message || "it was stopped").trim()}`);
  return false;
}

/**
 * The path of the engine here; undefined where there is none that starts.
 * @param {"chromium" | "firefox" | "webkit"} id
 */
export async function findEngine(id) {
  const { variable, paths } = ENGINES[id];
  const named = process.env[variable];
  const known = id === "chromium" ? [await ownChromium(), ...paths] : paths;
  if (id === "webkit" && !hasScreen()) return undefined;
  const question = id === "webkit" ? "--help" : "--version";
  return (named ? [named] : known).find((path) => existsSync(path) && starts(path, question));
}

/** WebKitGTK draws on an X screen that nobody sees. */
function hasScreen() {
  return spawnSync("Xvfb", ["-help"], { stdio: "ignore" }).error === undefined;
}
