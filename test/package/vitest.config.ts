import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    root: fileURLToPath(new URL("../..", import.meta.url)),
    include: ["test/package/*.test.ts", "test/examples/*.test.ts"],
    globalSetup: ["test/package/pack.ts", "test/examples/install.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
