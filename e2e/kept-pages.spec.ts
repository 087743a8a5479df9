/** The back button after a sign-out in Chromium: the changed cookie alone takes the page that the browser has kept. */
import type { Page } from "@playwright/test";
import { expect } from "./fixtures.js";
import { test } from "./real-tabs.js";
import { openKeptApp } from "./support/kept-app.js";

/** From inside the page: the test tool's own goBack() waits for a load that a kept page never has. */
const back = (page: Page) => page.evaluate(() => void setTimeout(() => history.back(), 0));

test("a sign-out takes the page that the browser has kept, and clears no cache", async ({ tabs }) => {
  const { url, close } = await openKeptApp();
  try {
    const page = await tabs.newPage();
    await page.goto(`${url}/sign-in`);
    await page.getByText("other").click();
    await expect(page).toHaveTitle("Other");
    await back(page);
    await expect(page.locator("html")).toHaveAttribute("data-kept", "true");
    await page.getByText("other").click();
    await expect(page).toHaveTitle("Other");
    expect(await page.evaluate("signOut()")).toBeNull();
    await back(page);
    await expect(page).toHaveURL(`${url}/login`);
    await expect(page.locator("html")).toHaveAttribute("data-kept", "false");
  } finally {
    close();
  }
});
