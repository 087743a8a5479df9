import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { paceOf } from "../../scripts/test/pace.mjs";

const pace = paceOf();

export default defineConfig({
  test: {
    root: fileURLToPath(new URL("../..", import.meta.url)),
    include: ["test/package/*.test.ts", "test/examples/*.test.ts"],
    globalSetup: ["test/package/pack.ts", "test/examples/install.ts"],
    setupFiles: ["scripts/test/note-test.mjs"],
    testTimeout: 120_000 * pace,
    hookTimeout: 120_000 * pace,
  },
});
