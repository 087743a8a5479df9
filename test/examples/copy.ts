/** Copies an example. Readers install the folder that it stands in; its tests what would be published. */
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { ROOT } from "../package/project.js";

/** @param folder where its files shall stand */
export function copyExample(name: string, folder: string, tarball: string): void {
  const isSource = (path: string) => basename(path) !== "node_modules";
  cpSync(join(ROOT, "examples", name), folder, { recursive: true, filter: isSource });
  const manifest = join(folder, "package.json");
  const text = readFileSync(manifest, "utf8");
  if (!text.includes('"file:../.."')) throw new Error(`${manifest} does not name curfew as "file:../.."`);
  writeFileSync(manifest, text.replace('"file:../.."', JSON.stringify(`file:${tarball}`)));
}
