/** Measures everything in one run, so that the ratios are of one machine and one minute. */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium } from "@playwright/test";
import { chromiumLaunch } from "../e2e/browsers.js";
import { measureAudit } from "./audit.js";
import { measureIdleHour } from "./idle-hour.js";
import { measureMoves } from "./moves.js";
import { reportOf, withResults } from "./report.js";
import { measurePieces } from "./sizes.js";
import { measureStreams } from "./streams.js";

const README = fileURLToPath(new URL("README.md", import.meta.url));

const { executablePath, args } = chromiumLaunch();
const browser = await chromium.launch({
  args: [...args],
  ...(executablePath === undefined ? {} : { executablePath }),
});
const sizes = await measurePieces();
const moves = await measureMoves(browser);
const hours = [await measureIdleHour(browser, 1), await measureIdleHour(browser, 2)];
await browser.close();
const streams = await measureStreams(10_000);
const audit = await measureAudit(100_000);

for (const { name, median, min } of moves)
  console.log(`${name}: ${median.toFixed(0)} ns, best round ${min.toFixed(0)} ns`);
const report = reportOf({ sizes, moves, hours, streams, audit });
console.log(`\n${report}`);
if (process.argv.includes("--write"))
  writeFileSync(README, withResults(readFileSync(README, "utf8"), report));
