/** A log of as many records as are asked for, written and checked: `npx tsx bench/audit-large.ts 10000000`. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { memoryOf, verifyRateOf, writeLog } from "./audit.js";

const count = Number(process.argv[2] ?? 10_000_000);
const folder = mkdtempSync(join(tmpdir(), "curfew-bench-"));
try {
  const directory = join(folder, "log");
  const written = await writeLog(directory, count, "x".repeat(40));
  console.log(`written: ${written.toFixed(0)} records a second`);
  console.log(`writer's memory at most: ${(process.resourceUsage().maxRSS / 1_024).toFixed(0)} MiB`);
  const began = performance.now();
  const bytes = memoryOf(directory);
  console.log(
    `checked in ${((performance.now() - began) / 1_000).toFixed(0)} s, with ${(bytes / 2 ** 20).toFixed(0)} MiB at most`,
  );
  console.log(`checked again: ${(await verifyRateOf(directory)).toFixed(0)} records a second`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
