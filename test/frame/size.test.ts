import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { expect, test } from "vitest";

test.each(["src/frame/index.ts", "src/frame-include.ts"])("%s is under 1 kB with gzip", async (entry) => {
  const { outputFiles } = await build({
    absWorkingDir: fileURLToPath(new URL("../..", import.meta.url)),
    entryPoints: [entry],
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    write: false,
  });
  const [{ contents } = { contents: new Uint8Array(2000) }] = outputFiles;
  expect(gzipSync(contents, { level: 9 }).length).toBeLessThan(1000);
});
