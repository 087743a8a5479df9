/** A page for each test file, without a browser. */
import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { dedupe: ["react"] }, // one React, though "file:../.." links a folder that has its own
  test: { environment: "happy-dom", server: { deps: { inline: ["curfew"] } } },
});
