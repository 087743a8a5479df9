/** Bundles the pages' scripts at start, into memory. */
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** Each script by the name it is served under. */
export async function bundleScripts(): Promise<ReadonlyMap<string, string>> {
  const { outputFiles } = await build({
    absWorkingDir: fileURLToPath(new URL(".", import.meta.url)),
    entryPoints: {
      demo: "vanilla.ts",
      react: "react.tsx",
      vue: "vue.ts",
      audit: "audit.ts",
      alerts: "alerts.ts",
      gallery: "gallery-view.ts",
    },
    bundle: true,
    write: false,
    outdir: "assets",
    format: "esm",
    target: "es2022",
    define: {
      "process.env.NODE_ENV": '"production"',
      __VUE_OPTIONS_API__: "false",
      __VUE_PROD_DEVTOOLS__: "false",
      __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "false",
    },
    logLevel: "warning",
  });
  return new Map(outputFiles.map(({ path, text }) => [basename(path), text]));
}
