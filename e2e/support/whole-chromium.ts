import type { LaunchOptions } from "@playwright/test";
import { chromiumLaunch } from "../browsers.js";

interface Start {
  readonly browserName: string;
  readonly launchOptions: LaunchOptions;
}

/** For `test.use({ launchOptions: wholeChromium })`: what the headless shell has not, as viewers and a pointer that can be locked. */
export async function wholeChromium(
  { browserName, launchOptions }: Start,
  use: (options: LaunchOptions) => Promise<void>,
): Promise<void> {
  const { executablePath, args } = chromiumLaunch({ full: true });
  const whole = { ...launchOptions, args: [...args], ...(executablePath && { executablePath }) };
  await use(browserName === "chromium" ? whole : launchOptions);
}
