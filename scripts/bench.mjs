// `npm run bench`: installs the peers beside the bench, builds, and measures; `--write` puts the numbers into bench/README.md and docs/scale.md.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const peers = `${root}/bench/peers`;

function run(command, args, options = {}) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: "inherit", ...options });
  if (status === 0) return;
  console.error(`The bench cannot start: "${[command, ...args].join(" ")}" failed (see above).`);
  process.exit(1);
}

const json = (path) => JSON.parse(readFileSync(path, "utf8"));

function isInstalled([name, version]) {
  const manifest = `${peers}/node_modules/${name}/package.json`;
  return existsSync(manifest) && json(manifest).version === version;
}

if (!Object.entries(json(`${peers}/package.json`).dependencies).every(isInstalled))
  run("npm", ["install", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund"], {
    cwd: peers,
    shell: process.platform === "win32",
  });
run(process.execPath, ["scripts/build.mjs"]);
run(process.execPath, ["--expose-gc", "--import", "tsx", "bench/main.ts", ...process.argv.slice(2)]);
