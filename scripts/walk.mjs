// `npm run walk`: a random walk through a real browser and a real server, for ten minutes; `--minutes`, `--seed` as an earlier one printed it; `--planted`: walks that must fail.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = fileURLToPath(new URL("..", import.meta.url));
const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    seed: { type: "string" },
    planted: { type: "boolean", default: false },
  },
});
for (const [name, value] of Object.entries({ minutes: values.minutes, seed: values.seed ?? "0" }))
  if (!(Number(value) >= 0)) {
    console.error(`--${name} is ${value}; write a number, such as --${name} 5`);
    process.exit(1);
  }
const run = (...args) => spawnSync(process.execPath, args, { cwd: root, stdio: "inherit", env });
const env = {
  ...process.env,
  WALK_MINUTES: values.minutes,
  ...(values.planted ? { WALK_PLANTED: "1" } : {}),
  ...(values.seed === undefined ? {} : { WALK_SEED: values.seed }),
};
const built = run("scripts/build.mjs").status;
if (built !== 0) process.exit(built ?? 1);
const browser = [
  "--project=chromium",
  "--retries=0",
  "--workers=1",
  `--grep=${values.planted ? "is found out" : "random walk"}`,
];
process.exit(run("node_modules/@playwright/test/cli.js", "test", "e2e/walk.spec.ts", ...browser).status ?? 1);
