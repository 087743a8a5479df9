/** A main thread that does nothing else for five seconds: the page is late, the session is not. */
import type { Page } from "@playwright/test";
import { dialog, expect, paced, signIn, test } from "./fixtures.js";
import { beActive, moveMouse, serverView, until } from "./support/tabs-server.js";

const blockPeriod = () => paced(5_000);

/** Blocks the page's main thread from inside, by a timer, so that the caller is free meanwhile. */
async function block(page: Page, delay: number): Promise<number> {
  await page.evaluate(
    ([after, period]) => {
      setTimeout(() => {
        const end = performance.now() + Number(period);
        while (performance.now() < end);
      }, after);
    },
    [delay, blockPeriod()],
  );
  return Date.now() + delay;
}

async function openPage(page: Page, url: string): Promise<void> {
  await page.route(/\/(api\/notes|audit)\b/, (route) => route.abort());
  await signIn(page, url);
  await expect(page.getByTestId("state")).toHaveText("active");
}

test("five seconds of a busy main thread across the warning: moves in that time do not close it", async ({
  page,
  openDemo,
}) => {
  const demo = await openDemo({ CURFEW_IDLE: "14s", CURFEW_WARNING: "10s", CURFEW_HEARTBEAT: "200ms" });
  await openPage(page, demo.url);
  const ask = await serverView(page);
  const before = await beActive(page, ask);
  const blockedAt = await block(page, before.expiresAt - paced(10_000) - Date.now() - paced(500));
  await until(blockedAt + paced(2_500));
  // These wait in the browser until the thread is free. They came when the warning should have been open.
  const moves = [moveMouse(page), moveMouse(page), moveMouse(page)];
  await until(blockedAt + blockPeriod());
  await Promise.all(moves);
  await expect(dialog(page)).toBeVisible();
  expect(await ask()).toMatchObject({ lastActiveAt: before.lastActiveAt, expiresAt: before.expiresAt });
});

test("five seconds of a busy main thread across the end: moves in that time do not count, and the page ends", async ({
  page,
  openDemo,
}) => {
  const demo = await openDemo({ CURFEW_IDLE: "8s", CURFEW_WARNING: "2s", CURFEW_HEARTBEAT: "200ms" });
  await openPage(page, demo.url);
  const ask = await serverView(page);
  const before = await beActive(page, ask);
  const blockedAt = await block(page, before.expiresAt - paced(2_000) - Date.now() - paced(500));
  await until(before.expiresAt + paced(500));
  const moves = [moveMouse(page), moveMouse(page)];
  await until(blockedAt + blockPeriod());
  await Promise.all(moves);
  await expect(page.getByTestId("state")).toHaveText("ended");
  expect(await ask()).toMatchObject({ reason: "idle", endedAt: before.expiresAt });
});

/** Firefox's driver makes its input in the page's own process, and so only once the thread is free. */
const INPUT_WHILE_BUSY = { tag: "@chromium" };

test(
  "a busy main thread does not delay the server's time of the input before it",
  INPUT_WHILE_BUSY,
  async ({ page, openDemo }) => {
    const demo = await openDemo({ CURFEW_IDLE: "20s", CURFEW_WARNING: "5s", CURFEW_HEARTBEAT: "200ms" });
    await openPage(page, demo.url);
    const ask = await serverView(page);
    await beActive(page, ask);
    const blockedAt = await block(page, 300);
    await until(blockedAt + paced(1_000));
    const movedAt = Date.now();
    const moved = moveMouse(page);
    await until(blockedAt + blockPeriod());
    await moved;
    // Dated to when the hand moved, not to when the page came to hear of it.
    await expect.poll(async () => (await ask()).lastActiveAt).toBeGreaterThan(movedAt - paced(200));
    expect((await ask()).lastActiveAt).toBeLessThan(movedAt + paced(1_500));
  },
);
