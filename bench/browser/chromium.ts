/** The Chromium that the end-to-end tests use. */
import { type Browser, chromium } from "@playwright/test";
import { chromiumLaunch } from "../../e2e/browsers.js";

/** @param more arguments of Chromium's */
export function launchChromium(more: readonly string[] = []): Promise<Browser> {
  const { executablePath, args } = chromiumLaunch();
  return chromium.launch({
    args: [...args, ...more],
    ...(executablePath === undefined ? {} : { executablePath }),
  });
}
