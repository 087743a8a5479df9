/** The tests in the oldest Chromium; `npm run test:oldest` fetches it and says where it is. */
import { defineConfig } from "@playwright/test";
import suite from "../../playwright.config.js";
import { chromiumLaunch } from "../browsers.js";

const executablePath = process.env.OLDEST_CHROMIUM_PATH;
if (executablePath === undefined) throw new Error("Run these tests by: npm run test:oldest");

export default defineConfig({
  ...suite,
  testDir: ".",
  outputDir: "../../test-results/oldest",
  projects: [
    {
      name: "oldest",
      use: {
        browserName: "chromium",
        ignoreHTTPSErrors: true,
        launchOptions: { executablePath, args: [...chromiumLaunch().args] },
      },
    },
  ],
});
