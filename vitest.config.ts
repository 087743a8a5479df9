import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { PACE, paceOf } from "./scripts/test/pace.mjs";

// Measured once, while nothing of the suite runs yet; its workers find it in their environment.
const pace = paceOf();
process.env[PACE] = String(pace);

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts", "test/**/*.test.tsx"],
    exclude: ["test/package/**", "test/examples/**", "test/houses/**", "node_modules/**"],
    setupFiles: ["scripts/test/vitest-setup.mjs"],
    // Much of what the tests wait for are other processes.
    maxWorkers: Math.ceil(1.5 * availableParallelism()),
    testTimeout: 60_000 * pace,
    hookTimeout: 60_000 * pace,
    expect: { poll: { timeout: 15_000 * pace } },
  },
});
