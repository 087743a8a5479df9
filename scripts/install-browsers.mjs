// Finds a whole Chromium for the end-to-end tests, or installs one where that is possible, or says how to get it.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { canUseApt, installByApt, run } from "./apt.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
/** The same list as in e2e/browsers.ts: the headless shell alone will not do, it has no hidden tabs. */
const SYSTEM = ["/usr/bin/chromium", "/usr/bin/google-chrome", "/usr/bin/chromium-browser"];
const PACKAGES = ["chromium", "chromium-headless-shell", "fonts-dejavu-core"];
const SHELL = "/usr/bin/chromium-headless-shell";

/** The Chromium that the test tool would download; it may not be there. */
async function ownPath() {
  const { chromium } = await import("@playwright/test");
  return chromium.executablePath();
}

/** The path of a whole Chromium that starts, or undefined. */
async function findChromium() {
  const candidates = process.env.CHROMIUM_PATH ? [process.env.CHROMIUM_PATH] : [await ownPath(), ...SYSTEM];
  return candidates.filter((path) => existsSync(path)).find(starts);
}

/** A browser whose system libraries are missing exists and does not start. */
function starts(path) {
  const { status, stderr, error } = spawnSync(path, ["--version"], { encoding: "utf8", timeout: 60_000 });
  if (status === 0) return true;
  console.error(`${path} does not start: ${(stderr || error?.message || "it was stopped").trim()}`);
  return false;
}

const HELP = `No whole Chromium was found, and none could be installed. The end-to-end tests need one: the headless shell
alone (${SHELL}) has no hidden tabs. Get it in one of these ways, then run "npm test" again:
  npx playwright install --with-deps chromium
  apt-get install -y chromium chromium-headless-shell fonts-dejavu-core   (Debian, as root)
  CHROMIUM_PATH=/path/to/chrome npm test                                  (one that you have)`;

async function getChromium() {
  const found = await findChromium();
  if (found !== undefined) return found;
  if (process.env.CHROMIUM_PATH) {
    console.error(`CHROMIUM_PATH is "${process.env.CHROMIUM_PATH}", and no Chromium starts from there.`);
    return undefined;
  }
  // Ubuntu's package of the same name only fetches a snap, hence Debian by name.
  if (canUseApt({ likeDebian: false }) && installByApt(PACKAGES)) return findChromium();
  if (run("npx", ["playwright", "install", "chromium"], { cwd: root, shell: process.platform === "win32" }))
    return findChromium();
  return undefined;
}

const chromium = await getChromium();
if (chromium === undefined) {
  console.error(HELP);
  process.exit(1);
}
const shell = !process.env.CHROMIUM_PATH && existsSync(SHELL) ? ` and ${SHELL}` : "";
console.log(`Chromium: ${chromium}${shell}`);
