import { paced, wait } from "./fixtures.js";
import { enter, heardOf, ROOMY, test } from "./support/activity-app.js";
import { wholeChromium } from "./support/whole-chromium.js";

// The headless shell locks a pointer, and then answers each of its movements with another one without end.
test.use({ launchOptions: wholeChromium });

test("movement of a locked pointer counts", { tag: "@chromium" }, async ({ page, openApp }) => {
  const app = await openApp({
    policy: ROOMY,
    body: `<div style="width: 400px; height: 300px; background: silver" onclick="this.requestPointerLock()"></div>`,
  });
  await enter(page, app);
  await page.mouse.click(200, 150);
  await page.waitForFunction("document.pointerLockElement !== null");
  await wait(paced(1_000));
  const at = Date.now();
  for (let step = 0; step < 20; step++) await page.mouse.move(200 + step * 5, 150 + step * 3);
  await heardOf(page, at);
});
