// `npm run demo`: installs and builds what is missing, then starts the demo. Only Node's own modules until that is done.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

function run(command, args, { shell = false } = {}) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: "inherit", shell });
  if (status === 0) return;
  console.error(`The demo cannot start: "${[command, ...args].join(" ")}" failed (see above).`);
  process.exit(1);
}

/** When the newest of these files or folders changed. */
function changedAt(...names) {
  return Math.max(
    ...names.map((name) => {
      const path = join(root, name);
      const { mtimeMs } = statSync(path);
      if (!statSync(path).isDirectory()) return mtimeMs;
      return Math.max(mtimeMs, ...readdirSync(path).map((child) => changedAt(join(name, child))));
    }),
  );
}

/** The build writes this file last. */
const BUILT = "dist/locales/en.json";
const SOURCES = ["src", "package.json", "rollup.config.mjs", "tsconfig.build.json", "scripts/build.mjs"];

if (Number(process.versions.node.split(".")[0]) < 20) {
  console.error(`The demo needs Node 20 or later; this is ${process.version}.`);
  process.exit(1);
}
if (!existsSync(join(root, "node_modules/.package-lock.json")))
  run("npm", ["ci"], { shell: process.platform === "win32" });
if (!existsSync(join(root, BUILT)) || changedAt(BUILT) < changedAt(...SOURCES))
  run(process.execPath, ["scripts/build.mjs"]);

const { register } = await import("tsx/esm/api");
register();
await import("../demo/start.ts");
