/** A machine that sleeps: no process of the browser runs for a while, and all clocks have gone on when it wakes. */
import type { Page } from "@playwright/test";
import { dialog, expect, paced, signIn } from "./fixtures.js";
import { test } from "./real-tabs.js";
import { beActive, moveMouse, serverView } from "./support/tabs-server.js";

/** A page of the demo that asks for nothing by itself. */
async function openQuietPage(tabs: { newPage(): Promise<Page> }, url: string): Promise<Page> {
  const page = await tabs.newPage();
  await page.route(/\/(api\/notes|audit)\b/, (route) => route.abort());
  await signIn(page, url);
  await expect(page.getByTestId("state")).toHaveText("active");
  return page;
}

test("a sleep across the end: the session is over on waking, and the first move of the mouse does not count", async ({
  tabs,
  machine,
  openDemo,
}) => {
  const demo = await openDemo({ CURFEW_IDLE: "5s", CURFEW_WARNING: "2s" });
  const page = await openQuietPage(tabs, demo.url);
  const ask = await serverView(page);
  const before = await beActive(page, ask);
  machine.suspend();
  const moved = page.mouse.move(400, 300);
  await expect.poll(async () => (await ask()).reason).toBe("idle");
  machine.wake();
  await moved;
  await page.mouse.move(420, 310);
  expect(await ask()).toMatchObject({ reason: "idle", endedAt: before.expiresAt });
  await expect(page.getByTestId("state")).toHaveText("ended");
  await expect(dialog(page)).toContainText("We signed you out");
  await expect(page.getByTestId("sign-out")).not.toBeVisible();
});

test("a sleep into the warning: it is open on waking, and the first moves of the mouse do not close it", async ({
  tabs,
  machine,
  openDemo,
}) => {
  const demo = await openDemo({ CURFEW_IDLE: "12s", CURFEW_WARNING: "8s" });
  const page = await openQuietPage(tabs, demo.url);
  const ask = await serverView(page);
  const before = await beActive(page, ask);
  machine.suspend();
  const moved = page.mouse.move(400, 300);
  await expect.poll(() => Date.now()).toBeGreaterThan(before.expiresAt - paced(5_000));
  machine.wake();
  await moved;
  for (let step = 0; step < 5; step++) await page.mouse.move(420 + step * 9, 310);
  await expect(dialog(page)).toBeVisible();
  expect(await ask()).toMatchObject({ lastActiveAt: before.lastActiveAt, expiresAt: before.expiresAt });
  expect(Date.now()).toBeLessThan(before.expiresAt);
});

test("a short sleep changes nothing: input counts again after one answer", async ({
  tabs,
  machine,
  openDemo,
}) => {
  const demo = await openDemo({ CURFEW_IDLE: "30s", CURFEW_WARNING: "10s", CURFEW_HEARTBEAT: "200ms" });
  const page = await openQuietPage(tabs, demo.url);
  const ask = await serverView(page);
  await beActive(page, ask);
  await machine.sleepUntil(Date.now() + paced(4_000));
  const wokenAt = Date.now();
  await expect
    .poll(async () => {
      await moveMouse(page);
      return (await ask()).lastActiveAt;
    })
    .toBeGreaterThan(wokenAt);
  await expect(page.getByTestId("state")).toHaveText("active");
});
