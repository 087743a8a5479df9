/** The stream of news and the life of a page: it goes with the page's being in sight, and keeps no page from being kept. */
import type { Page } from "@playwright/test";
import { dialog, expect } from "./fixtures.js";
import { test as base } from "./real-tabs.js";
import { openQuietApp, type QuietApp } from "./support/quiet-app.js";

const test = base.extend<{ app: QuietApp }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixture's needs from this pattern
  app: async ({}, use) => {
    const app = await openQuietApp();
    await use(app);
    await app.close();
  },
});

async function signedIn(page: Page, app: QuietApp): Promise<void> {
  await page.goto(`${app.url}/in`);
  await expect.poll(() => page.evaluate("Curfew.session.state.keyStore")).toBe("indexeddb");
  await expect.poll(() => app.streams.open).toBe(1);
}

/** From inside the page: the test tool's own goBack() waits for a load that a kept page never has. */
const back = (page: Page) => page.evaluate(() => void setTimeout(() => history.back(), 0));

test("a page with an open stream is kept for the back button, and opens it anew when it comes back", async ({
  tabs,
  app,
}) => {
  const page = await tabs.newPage();
  await signedIn(page, app);
  await page.goto(`${app.url}/other`);
  await expect.poll(() => app.streams.open).toBe(0);
  await back(page);
  await expect(page).toHaveTitle("Notes");
  expect(await page.evaluate("wasKept")).toBe(true);
  await expect.poll(() => app.streams).toEqual({ open: 1, opened: 2, refused: 0 });
  await app.sessions.end(app.sids[0] ?? "");
  await expect(dialog(page)).toBeVisible();
});

test("a page out of sight holds no stream, and the one in sight does", async ({ tabs, app }) => {
  const page = await tabs.newPage();
  await signedIn(page, app);
  const other = await tabs.newPage();
  await expect.poll(() => app.streams.open).toBe(0);
  await other.goto(app.url);
  await expect.poll(() => app.streams).toMatchObject({ open: 1, opened: 2 });
  await page.bringToFront();
  await expect.poll(() => app.streams).toMatchObject({ open: 1, opened: 3 });
  await app.sessions.end(app.sids[0] ?? "");
  await expect(dialog(page)).toBeVisible();
  await expect.poll(() => app.streams.open).toBe(0);
});
