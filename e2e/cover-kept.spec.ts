import { mergeTests } from "@playwright/test";
import { expect, paced, statusOf, wait } from "./fixtures.js";
import { test as real } from "./real-tabs.js";
import { test as apps, enter, QUICK } from "./support/activity-app.js";
import { SECRET_COLOUR, secretPixels, secretPixelsIn } from "./support/pixels.js";

const test = mergeTests(real, apps);
const LOOK = `background: ${SECRET_COLOUR}; color: ${SECRET_COLOUR}; font: 60px/1 monospace`;

const PAGES: Readonly<Record<string, string>> = {
  "text in the body itself": `<style>body { ${LOOK} }</style>Balance 1,234`,
  "a toast beside the body": `<script>
    const toast = document.createElement("div"); toast.textContent = "Balance 1,234";
    toast.style.cssText = "position: fixed; top: 0; left: 0; ${LOOK}"; document.documentElement.append(toast);
  </script>`,
};
const NOTE = `<script>addEventListener("pageshow", ({ persisted }) => { document.documentElement.dataset.kept = String(persisted); });</script>`;

for (const warning of ["none", "shown"])
  for (const [name, body] of Object.entries(PAGES))
    test(`a kept page that comes back while the server is slow shows nothing of ${name}, with the warning ${warning}`, async ({
      tabs,
      openApp,
    }) => {
      const app = await openApp({
        policy: { ...QUICK, idle: "6s" },
        body: `${body}${NOTE}`,
        pages: { "/other": "<!doctype html><title>Other</title>elsewhere" },
        script: () => (warning === "none" ? 'data-warning="none"' : ""),
      });
      const page = await tabs.newPage();
      await enter(page, app);
      expect(await secretPixels(page)).toBeGreaterThan(500);
      await page.goto(`${app.url}/other`);
      await expect.poll(async () => (await statusOf(page)).type).toBe("urn:curfew:session-ended");
      // From here on no answer comes.
      await page.route("**/curfew/session*", () => {});
      await page.evaluate(() => void setTimeout(() => history.back(), 0));
      // While the page changes nothing can be asked of it.
      const kept = () => page.evaluate("document.documentElement.dataset.kept").catch(() => "on its way");
      await expect.poll(kept).toBe("true");
      const pictures: Buffer[] = [];
      for (let look = 0; look < 5; look++) {
        pictures.push(await page.screenshot());
        await wait(paced(200));
      }
      // A tab behind another one is not drawn.
      const judge = await tabs.newPage();
      for (const picture of pictures) expect(await secretPixelsIn(picture, judge)).toBe(0);
      await judge.close();
    });
