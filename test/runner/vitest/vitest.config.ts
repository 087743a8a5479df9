import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** Small suites that end in every way there is; test/runner/runner.test.ts says which file is to run. */
export default defineConfig({
  test: {
    root: fileURLToPath(new URL("../../..", import.meta.url)),
    include: ["test/runner/vitest/*.fixture.ts"],
    setupFiles: ["scripts/test/vitest-setup.mjs"],
    maxWorkers: 2,
  },
});
