import { defineConfig } from "@playwright/test";

/** A small suite without a browser; test/runner/runner.test.ts runs it. */
export default defineConfig({
  testDir: ".",
  testMatch: "*.fixture.ts",
  outputDir: "../../../test-results/runner",
  fullyParallel: true,
  workers: 2,
  retries: 1,
  projects: [{ name: "none" }],
});
