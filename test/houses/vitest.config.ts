import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    root: fileURLToPath(new URL("../..", import.meta.url)),
    include: ["test/houses/*.test.ts"],
    globalSetup: ["test/package/pack.ts"],
    // Most of them install some hundred packages first.
    maxWorkers: 2,
    // What is built in a house runs as Node runs it.
    server: { deps: { external: [/\/curfew-house-.*\.m?js$/] } },
    testTimeout: 600_000,
    hookTimeout: 900_000,
  },
});
