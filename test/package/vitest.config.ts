import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { PACE, paceOf } from "../../scripts/test/pace.mjs";

const pace = paceOf();
process.env[PACE] = String(pace);

export default defineConfig({
  test: {
    root: fileURLToPath(new URL("../..", import.meta.url)),
    include: ["test/package/*.test.ts", "test/examples/*.test.ts"],
    globalSetup: ["test/package/pack.ts", "test/examples/install.ts"],
    setupFiles: ["scripts/test/vitest-setup.mjs"],
    expect: { poll: { timeout: 15_000 * pace } },
    testTimeout: 120_000 * pace,
    hookTimeout: 120_000 * pace,
  },
});
