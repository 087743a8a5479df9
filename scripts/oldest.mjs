// `npm run test:oldest`: end-to-end tests in the oldest Chromium that docs/browsers.md states. npm fetches it into the cache; it is no dependency.
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliDecompressSync } from "node:zlib";

/** The last release with the version that is stated; it carries a headless shell of Chromium for Linux. */
const PACKAGE = "@sparticuz/chromium@109.0.6";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = join(root, ".cache", "oldest");
const shell = join(folder, "chromium");

function giveUp(reason) {
  console.error(`NOT RUN: the oldest Chromium is not to be had here. ${reason}`);
  console.log("0 passed, 1 failed");
  process.exit(1);
}

function run(command, ...args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: "inherit", env });
  return error === undefined ? status : 1;
}

function fetchShell() {
  mkdirSync(folder, { recursive: true });
  const options = ["--no-save", "--ignore-scripts", "--prefix", folder];
  if (run("npm", "install", ...options, PACKAGE) !== 0) giveUp(`npm cannot install ${PACKAGE} (see above).`);
  const packed = join(folder, "node_modules/@sparticuz/chromium/bin/chromium.br");
  writeFileSync(`${shell}.part`, brotliDecompressSync(readFileSync(packed)));
  chmodSync(`${shell}.part`, 0o755);
  renameSync(`${shell}.part`, shell);
}

const env = { ...process.env, OLDEST_CHROMIUM_PATH: shell };
if (process.platform !== "linux" || process.arch !== "x64")
  giveUp(`${PACKAGE} is for Linux on x64; this is ${process.platform} on ${process.arch}.`);
if (spawnSync("openssl", ["version"], { stdio: "ignore" }).status !== 0)
  giveUp("The tests need openssl in the PATH for the certificate of a site with https.");
if (!existsSync(shell)) fetchShell();
const built = run(process.execPath, "scripts/build.mjs");
if (built !== 0) process.exit(1);
const config = ["--config", "e2e/oldest/playwright.config.ts", ...process.argv.slice(2)];
process.exit(run(process.execPath, "node_modules/@playwright/test/cli.js", "test", ...config));
