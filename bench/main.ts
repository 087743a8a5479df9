/**
 * Measures everything in one run, so that the ratios are of one machine and one minute. `--quick` takes less of the server's half
 * and of the page's, `--server` and `--page` all of one half and nothing else; `--write` puts the results where they are read.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Browser } from "@playwright/test";
import { measureAudit } from "./audit.js";
import { launchChromium } from "./browser/chromium.js";
import { measureIdleHour } from "./idle-hour.js";
import { measureMoves } from "./moves.js";
import { measurePage } from "./page.js";
import { pageSections } from "./page-report.js";
import { type Results, reportOf, withResults } from "./report.js";
import { measureServer } from "./server.js";
import { type ServerResults, scalePlots, scaleReport, serverSections } from "./server-report.js";
import { measurePieces } from "./sizes.js";
import { measureStreams } from "./streams.js";

const README = new URL("README.md", import.meta.url);
const SCALE = new URL("../docs/scale.md", import.meta.url);

const has = (flag: string) => process.argv.includes(flag);

function write(place: URL, report: string): void {
  const file = fileURLToPath(place);
  writeFileSync(file, withResults(readFileSync(file, "utf8"), report));
}

function writeScale(server: ServerResults): void {
  write(SCALE, scaleReport(server));
  for (const [name, plot] of Object.entries(scalePlots(server))) writeFileSync(new URL(name, SCALE), plot);
}

async function inTheBrowser(browser: Browser): Promise<Pick<Results, "sizes" | "moves" | "hours">> {
  const sizes = await measurePieces();
  const moves = await measureMoves(browser);
  const hours = [await measureIdleHour(browser, 1), await measureIdleHour(browser, 2)];
  for (const { name, median, min } of moves)
    console.log(`${name}: ${median.toFixed(0)} ns, best round ${min.toFixed(0)} ns`);
  return { sizes, moves, hours };
}

const isQuick = has("--quick");
if (isQuick || has("--server") || has("--page")) {
  if (isQuick || has("--page")) {
    const page = await measurePage(await launchChromium(), isQuick);
    console.log(`\n${pageSections(page).join("\n\n")}`);
  }
  if (isQuick || has("--server")) {
    const server = await measureServer(isQuick);
    console.log(`\n${[...serverSections(server), "## A fleet", scaleReport(server)].join("\n\n")}`);
    if (has("--write")) writeScale(server);
  }
} else {
  const browser = await launchChromium();
  const seen = await inTheBrowser(browser);
  const page = await measurePage(browser, false);
  await browser.close();
  const streams = await measureStreams(10_000);
  const audit = await measureAudit(100_000);
  const server = await measureServer(false);
  const report = reportOf({ ...seen, page, streams, audit, server });
  console.log(`\n${report}\n\n## A fleet\n\n${scaleReport(server)}`);
  if (has("--write")) {
    write(README, report);
    writeScale(server);
  }
}
// Servers of other people's may leave timers behind.
process.exit();
