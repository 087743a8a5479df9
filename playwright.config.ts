import { defineConfig } from "@playwright/test";
import { chromiumLaunch } from "./e2e/browsers.js";

const { executablePath, args } = chromiumLaunch();

export default defineConfig({
  testDir: "e2e",
  outputDir: "test-results",
  workers: 2,
  fullyParallel: true,
  forbidOnly: true,
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 8_000 },
  reporter: "line",
  use: {
    browserName: "chromium",
    launchOptions: { args: [...args], ...(executablePath === undefined ? {} : { executablePath }) },
  },
});
