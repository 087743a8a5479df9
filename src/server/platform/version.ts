/** The package's version. From the sources it is read from the manifest; the build carries it along (rollup.config.mjs). */
import { readFileSync } from "node:fs";

export function packageVersion(): string {
  const manifest: { readonly version: string } = JSON.parse(
    readFileSync(new URL("../../../package.json", import.meta.url), "utf8"),
  );
  return manifest.version;
}
