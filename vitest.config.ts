import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts", "test/**/*.test.tsx"],
    exclude: ["test/package/**", "test/examples/**", "node_modules/**"],
    testTimeout: 20_000,
  },
});
