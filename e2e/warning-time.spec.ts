import type { Page } from "@playwright/test";
import { warnAtOf } from "../src/session/machine.js";
import { expect, paced, statusOf, wait } from "./fixtures.js";
import { type AppOptions, enter, test } from "./support/activity-app.js";

const POLICY: NonNullable<AppOptions["policy"]> = {
  idle: "16s",
  absolute: "10m",
  warning: "10s",
  heartbeat: "1s",
  unsafeForTesting: true,
};

/** Notes when the dialog has come up, by the clock that the server reads too. */
const NOTE = `addEventListener("DOMContentLoaded", () => new MutationObserver(() => {
  const dialog = document.querySelector("curfew-warning")?.shadowRoot?.querySelector("dialog");
  if (dialog?.open) globalThis.openedAt ??= Date.now();
}).observe(document.documentElement, { subtree: true, childList: true, attributes: true, attributeFilter: ["kind"] }))`;

async function openedAt(page: Page): Promise<number> {
  await expect.poll(() => page.evaluate("globalThis.openedAt ?? 0")).toBeGreaterThan(0);
  return page.evaluate<number>("globalThis.openedAt");
}

for (const delay of [0, 600, 1_200, 5_000])
  test(`a warning is on the screen when it is due by the server's record, ahead by what passes before a press counts, with answers that take ${delay} ms`, async ({
    page,
    openApp,
  }) => {
    const app = await openApp({ policy: POLICY });
    await page.addInitScript(NOTE);
    await enter(page, app);
    await page.route("**/curfew/session*", async (route) => {
      await wait(paced(delay));
      await route.continue();
    });
    const at = await openedAt(page);
    const { expiresAt, warningPeriod } = await statusOf(page);
    const late = at - warnAtOf({ expiresAt, warningPeriod });
    console.info(`warning with answers after ${delay} ms: ${late} ms after its time`);
    expect(late).toBeGreaterThanOrEqual(-50);
    expect(late).toBeLessThan(paced(1_000));
  });
