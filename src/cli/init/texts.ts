/** The documents and examples that `curfew init` writes from. From the sources they are read; the build carries them along (rollup.config.mjs). */
import { readFileSync } from "node:fs";

/** @param path from the package's folder on; one that src/cli/init/frameworks.ts names */
export function packageText(path: string): string {
  return readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");
}
