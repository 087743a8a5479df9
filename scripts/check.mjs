// `npm run check`: the types, the lint rules and the lock file.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { REPORT_FILE, write } from "./test/report.mjs";

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

const report = (event) => process.env[REPORT_FILE] && write(process.env[REPORT_FILE], event);

report({ type: "plan", files: PARTS.map(([name]) => name) });
for (const [name, ...command] of PARTS) {
  report({ type: "begin", item: name });
  const passed = succeeds(...command);
  report({
    type: "result",
    item: name,
    outcome: passed ? "passed" : "failed",
    error: "see its output above",
  });
  report({ type: "end", item: name });
  console.log(`${passed ? "passed" : "FAILED"}  ${name}`);
  if (!passed) process.exitCode = 1;
}
report({ type: "done" });
