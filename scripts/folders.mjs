// Makes the folders that stand for the sub-paths where nobody reads `exports`, for `npm pack`; `--remove` takes them away after it.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { foldersOf, ROOMS } from "./rooms.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const remove = process.argv.includes("--remove");

for (const [path, manifest] of foldersOf(ROOMS)) {
  const folder = `${root}/${path}`;
  if (remove) {
    rmSync(`${root}/${path.split("/")[1]}`, { recursive: true, force: true });
    continue;
  }
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/package.json`, `${JSON.stringify(manifest, null, 2)}\n`);
}
