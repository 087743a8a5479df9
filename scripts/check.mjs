// `npm run check`: the types, the lint rules and the lock file; writes how many passed to reports/check.json.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

const PARTS = [
  ["types", "node_modules/typescript/bin/tsc", "--noEmit", "-p", "tsconfig.json"],
  ["lint", "node_modules/@biomejs/biome/bin/biome", "check", "--error-on-warnings", "."],
  ["lock", "scripts/check-lock.mjs"],
];

const succeeds = (script, ...args) =>
  spawnSync(process.execPath, [script, ...args], { cwd: root, stdio: "inherit" }).status === 0;

// The demo and the examples import Curfew as an app does: from the declarations in dist/.
if (!existsSync(`${root}/dist/index.d.ts`)) succeeds("scripts/build.mjs");

let failed = 0;
for (const [name, ...command] of PARTS) {
  const passed = succeeds(...command);
  if (!passed) failed += 1;
  console.log(`${passed ? "passed" : "FAILED"}  ${name}`);
}

mkdirSync(`${root}/reports`, { recursive: true });
const report = { numPassedTests: PARTS.length - failed, numFailedTests: failed, numPendingTests: 0 };
writeFileSync(`${root}/reports/check.json`, `${JSON.stringify(report)}\n`);
process.exitCode = failed > 0 ? 1 : 0;
