// `npm run check`: the types, the lint rules and the lock file; writes how many passed to reports/check.json.
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

const PARTS = [
  ["types", "node_modules/typescript/bin/tsc", "--noEmit", "-p", "tsconfig.json"],
  ["lint", "node_modules/@biomejs/biome/bin/biome", "check", "--error-on-warnings", "."],
  ["lock", "scripts/check-lock.mjs"],
];

let failed = 0;
for (const [name, script, ...args] of PARTS) {
  const { status } = spawnSync(process.execPath, [script, ...args], { cwd: root, stdio: "inherit" });
  if (status !== 0) failed += 1;
  console.log(`${status === 0 ? "passed" : "FAILED"}  ${name}`);
}

mkdirSync(`${root}/reports`, { recursive: true });
const report = { numPassedTests: PARTS.length - failed, numFailedTests: failed, numPendingTests: 0 };
writeFileSync(`${root}/reports/check.json`, `${JSON.stringify(report)}\n`);
process.exitCode = failed > 0 ? 1 : 0;
