/** Tabs in the background, whose timers the browser slows down: once a second, and after a while once a minute. */
import { dialog, expect, paced, signIn } from "./fixtures.js";
import { test as realTest } from "./real-tabs.js";
import {
  beActive,
  countOf,
  late,
  moveMouse,
  noteAnswers,
  noteStates,
  serverView,
  toldAt,
} from "./support/tabs-server.js";

realTest(
  "a hidden tab warns and ends on time, although its timers run once a second",
  async ({ tabs, openDemo }) => {
    const demo = await openDemo({ CURFEW_IDLE: "8s", CURFEW_WARNING: "4s" });
    const page = await tabs.newPage();
    await page.route(/\/(api\/notes|audit)\b/, (route) => route.abort());
    await signIn(page, demo.url);
    const ask = await serverView(page);
    await beActive(page, ask);
    await noteStates(page);
    const front = await tabs.newPage();
    await front.goto(`${demo.url}/assets/demo.css`);
    await front.bringToFront();
    await expect.poll(() => page.evaluate(() => document.visibilityState)).toBe("hidden");
    const { expiresAt } = await ask();
    await expect.poll(async () => (await ask()).reason).toBe("idle");
    expect((await toldAt(page, "ended")) - expiresAt).toBeLessThan(late());
    expect((await toldAt(page, "warning")) - (expiresAt - paced(4_000))).toBeLessThan(late());
    expect(await ask()).toMatchObject({ reason: "idle", endedAt: expiresAt });
  },
);

realTest.describe("a tab with one wake-up a minute", () => {
  realTest.use({
    flags: [
      "--intensive-wake-up-throttling-policy=force-on",
      "--enable-features=IntensiveWakeUpThrottling:grace_period_seconds/3",
    ],
  });

  realTest(
    "is warned by one answer when it is shown again, and the move that shows it does not count",
    async ({ tabs, openDemo }) => {
      const demo = await openDemo({ CURFEW_IDLE: "40s", CURFEW_WARNING: "30s", CURFEW_HEARTBEAT: "200ms" });
      const page = await tabs.newPage();
      await page.route(/\/(api\/notes|audit)\b/, (route) => route.abort());
      await signIn(page, demo.url);
      const ask = await serverView(page);
      const before = await beActive(page, ask);
      const front = await tabs.newPage();
      await front.goto(`${demo.url}/assets/demo.css`);
      await front.bringToFront();
      await expect.poll(() => Date.now()).toBeGreaterThan(before.expiresAt - paced(30_000) + paced(2_000));
      const answers = noteAnswers(page);
      await page.bringToFront();
      await moveMouse(page);
      await moveMouse(page);
      await expect(dialog(page)).toBeVisible();
      expect(countOf(answers, "heartbeat")).toBe(0);
      expect(await ask()).toMatchObject({ lastActiveAt: before.lastActiveAt, expiresAt: before.expiresAt });
    },
  );
});
