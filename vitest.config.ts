import { defineConfig } from "vitest/config";
import { paceOf } from "./scripts/test/pace.mjs";

const pace = paceOf();

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts", "test/**/*.test.tsx"],
    exclude: ["test/package/**", "test/examples/**", "node_modules/**"],
    setupFiles: ["scripts/test/note-test.mjs"],
    testTimeout: 20_000 * pace,
    hookTimeout: 20_000 * pace,
  },
});
