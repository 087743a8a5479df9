/** The app with short times, and a browser with real input. */
import { defineConfig } from "@playwright/test";

const { PORT = "3217", CHROMIUM_PATH } = process.env;
const url = `http://127.0.0.1:${PORT}`;

export default defineConfig({
  testDir: "test",
  // Each test waits for real seconds; they may wait at the same time.
  fullyParallel: true,
  use: {
    baseURL: url,
    browserName: "chromium",
    // Without this, the browser that "npx playwright install chromium" has brought.
    launchOptions: CHROMIUM_PATH === undefined ? {} : { executablePath: CHROMIUM_PATH },
  },
  webServer: { command: "npm start", url: `${url}/login`, env: { PORT, SHORT_TIMES: "1" } },
});
