/** The texts of the scripts. From the sources they are read from the last build; the build carries them along (rollup.config.mjs). */
import { readFileSync } from "node:fs";

export type ScriptName = "curfew" | "curfew-frame" | "curfew-drafts";

export function scriptText(name: ScriptName): string {
  return readFileSync(new URL(`../../../dist/script/${name}.js`, import.meta.url), "utf8");
}
