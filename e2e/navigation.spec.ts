/** Many pages in a row, each left by the input that counts: whatever a page could not report, the next one does. */
import type { Page } from "@playwright/test";
import { expect, statusOf, test } from "./fixtures.js";
import { openPagesApp } from "./support/pages-app.js";

/** What is lost on the way is lost where an answer is late; without that, fewer pages tell. */
const PAGES = { 0: 15, 200: 50 } as const;

const WAYS: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  "a click on a link": (page) => page.click("#link", { noWaitAfter: true }),
  "Enter in a field": (page) => page.press("#field", "Enter", { noWaitAfter: true }),
  "the submission of a form": (page) => page.click("#submit", { noWaitAfter: true }),
};

for (const delay of [0, 200] as const)
  for (const [way, leave] of Object.entries(WAYS))
    test(`${PAGES[delay]} navigations by ${way}, answers ${delay} ms late: no activity is lost`, {
      tag: delay === 0 || way !== "a click on a link" ? ["@chromium"] : [],
    }, async ({ page }) => {
      // A claim is right to half the round trip.
      const tolerance = 200 + delay / 2;
      const app = await openPagesApp({ delay, heartbeat: "1s" });
      try {
        await page.goto(`${app.url}/in`);
        let [earliest, latest] = [0, 0];
        for (let number = 0; number < PAGES[delay]; number++) {
          await page.waitForURL(`${app.url}/page/${number}**`, {
            waitUntil: number % 2 === 0 ? "commit" : "load",
          });
          earliest = Date.now();
          await leave(page);
          latest = Date.now();
        }
        await page.waitForURL(`${app.url}/page/${PAGES[delay]}**`, { waitUntil: "load" });
        await expect
          .poll(async () => (await statusOf(page)).lastActiveAt)
          .toBeGreaterThanOrEqual(earliest - tolerance);
        expect((await statusOf(page)).lastActiveAt).toBeLessThanOrEqual(latest + tolerance);
        expect(app.beats.filter((status) => status !== 200)).toEqual([]);
        expect(await page.evaluate(() => localStorage.length)).toBe(0);
      } finally {
        await app.close();
      }
    });
