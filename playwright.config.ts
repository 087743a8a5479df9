import { readdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig, type PlaywrightTestProject } from "@playwright/test";
import { chromiumLaunch, firefoxPath, webkitDriverPath } from "./e2e/browsers.js";
import { PACE, paceOf } from "./scripts/test/pace.mjs";

// Measured once, while nothing of the suite runs yet; its processes find it in their environment.
const pace = paceOf();
process.env[PACE] = String(pace);

const E2E = fileURLToPath(new URL("e2e", import.meta.url));
const WEBKIT = "webkit/*.spec.ts";
/** `npm run test:oldest` runs them in an engine of their own. */
const OLDEST = "oldest/*.spec.ts";
/** What a server does is the same whichever browser asks. */
const SERVER_SIDE = [
  "doctor.spec.ts",
  "examples.spec.ts",
  "server-examples.spec.ts",
  "releases.spec.ts",
  "restart.spec.ts",
  "sso.spec.ts",
];
/** What the client's own code decides, of what it is given: the same in every engine. */
const ENGINES_ALIKE = [
  "closing",
  "csrf",
  "drafts",
  "frameworks",
  "hostile-hosts",
  "never-silent",
  "old-engines",
  "script-include",
].map((name) => `${name}.spec.ts`);
/** A fault that the test itself puts in the place of network, storage, channel or clock is the same in every engine. */
const STAGED = ["network", "network-answers", "origins", "tabs-storage", "tabs-forged", "time-clock"].map(
  (name) => `${name}.spec.ts`,
);
/** Tabs that can be hidden, frozen and suspended are had by Chromium's own protocol only. */
const REAL_TABS = readdirSync(E2E).filter(
  (name) => name.endsWith(".spec.ts") && readFileSync(`${E2E}/${name}`, "utf8").includes('"./real-tabs.js"'),
);

/** Many tests wait for a deadline, and few for long: more at a time only wait for one another's processors. */
const WORKERS = Math.min(3 * availableParallelism(), 8);
/** Firefox keeps a processor busier than Chromium does: beside so many of it the others wait. */
const FIREFOX_WORKERS = Math.ceil((3 * WORKERS) / 8);

/** An engine that is not here has no project; scripts/install-browsers.mjs and the summary of `npm test` say so. */
function engines(): PlaywrightTestProject[] {
  const { executablePath, args } = chromiumLaunch();
  const launchOptions = { args: [...args], ...(executablePath === undefined ? {} : { executablePath }) };
  const firefox = firefoxPath();
  const all: PlaywrightTestProject[] = [];
  // First, for what is left to Chromium alone at the end ends soon.
  if (firefox !== undefined)
    all.push({
      name: "firefox",
      workers: FIREFOX_WORKERS,
      testIgnore: [WEBKIT, OLDEST, ...SERVER_SIDE, ...ENGINES_ALIKE, ...STAGED, ...REAL_TABS],
      // For a single test that needs Chromium's protocol: test("...", { tag: "@chromium" }, async ...).
      grepInvert: /@chromium/,
      use: {
        browserName: "firefox",
        // Only by this channel does the test tool drive a stock Firefox.
        channel: "moz-firefox",
        launchOptions: { executablePath: firefox },
      },
    });
  all.push({
    name: "chromium",
    testIgnore: [WEBKIT, OLDEST],
    use: { browserName: "chromium", launchOptions },
  });
  if (webkitDriverPath() !== undefined) all.push({ name: "webkit", testMatch: WEBKIT });
  return all;
}

export default defineConfig({
  testDir: "e2e",
  outputDir: "test-results",
  workers: WORKERS,
  fullyParallel: true,
  forbidOnly: true,
  // A machine that others use too can be late by seconds. What passes only then is named by `npm test`.
  retries: process.env.CI ? 2 : 1,
  // Whoever waits, waits for a fact: the ends are far away, for they are there for what never comes.
  timeout: 300_000 * pace,
  expect: { timeout: 30_000 * pace },
  // What is not there by then, for the session has ended before it, never comes.
  use: { actionTimeout: 45_000 * pace, navigationTimeout: 60_000 * pace },
  reporter: "line",
  projects: engines(),
});
