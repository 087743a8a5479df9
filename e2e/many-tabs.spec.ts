/** Many tabs of one browser: they speak to the server as one, and all hear what any of them learns. */
import type { BrowserContext, Page } from "@playwright/test";
import { expect, signIn, test } from "./fixtures.js";
import { countOf, moveMouse, noteAnswers, serverView, until } from "./support/tabs-server.js";

/** Where Chromium's headless shell opens thirty tabs, Firefox takes minutes. */
const QUICK = { tag: "@chromium" };

const STATE = "[data-testid=state]";

/** Signs in, and opens as many pages of the app as it says in all. */
async function openTabs(context: BrowserContext, url: string, count: number): Promise<Page[]> {
  // The app's own polls would only keep the machine busy.
  await context.route(/\/(api\/notes|audit)\b/, (route) => route.abort());
  const first = await context.newPage();
  await signIn(first, url);
  const pages = [first];
  while (pages.length < count) {
    const page = await context.newPage();
    await page.goto(url);
    pages.push(page);
  }
  for (const page of pages) await expect(page.locator(STATE)).toHaveText("active");
  return pages;
}

test(
  "thirty tabs with input in turn send no more than one heartbeat an interval, and all show the same deadline",
  QUICK,
  async ({ context, openDemo }) => {
    const interval = 2_000;
    const demo = await openDemo({
      CURFEW_IDLE: "4m",
      CURFEW_WARNING: "20s",
      CURFEW_HEARTBEAT: `${interval}ms`,
    });
    const pages = await openTabs(context, demo.url, 30);
    const [first] = pages;
    if (first === undefined) throw new Error("there are no tabs");
    const ask = await serverView(first);
    const answers = noteAnswers(context);
    const startedAt = Date.now();
    for (const page of [...pages, ...pages.slice(0, 10)]) {
      await moveMouse(page);
      await moveMouse(page);
    }
    // Until the last of it has been reported.
    let { idleExpiresAt } = await ask();
    const isSettled = async () => {
      const before = idleExpiresAt;
      await until(Date.now() + interval + 500);
      ({ idleExpiresAt } = await ask());
      return idleExpiresAt === before;
    };
    await expect.poll(isSettled, { timeout: 20_000 }).toBe(true);
    const sent = countOf(answers, "heartbeat");
    expect(sent).toBeGreaterThan(1);
    expect(sent).toBeLessThanOrEqual(Math.ceil((Date.now() - startedAt) / interval) + 1);
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);

    for (const page of pages)
      await expect(page.getByTestId("idle-deadline")).toHaveAttribute("data-ms", String(idleExpiresAt));
  },
);

test(
  "thirty tabs send nothing while nobody does anything, and all warn and end on time",
  QUICK,
  async ({ context, openDemo }) => {
    const demo = await openDemo({ CURFEW_IDLE: "40s", CURFEW_WARNING: "8s", CURFEW_HEARTBEAT: "500ms" });
    const pages = await openTabs(context, demo.url, 30);
    const [first] = pages;
    if (first === undefined) throw new Error("there are no tabs");
    const ask = await serverView(first);
    const { expiresAt } = await ask();
    const answers = noteAnswers(context);
    await until(expiresAt - 8_000 - 500);
    expect(answers).toEqual([]);
    await until(expiresAt - 8_000 + 2_000);
    for (const page of pages) expect(await page.locator(STATE).textContent()).toBe("warning");
    expect(answers.filter(({ call, status }) => call !== "session" || status !== 200)).toEqual([]);
    // One each, and a second one where the browser was a few milliseconds early.
    await expect.poll(() => answers.length, { timeout: 5_000 }).toBeGreaterThanOrEqual(30);
    expect(answers.length).toBeLessThanOrEqual(60);
    await until(expiresAt + 2_000);
    for (const page of pages) expect(await page.locator(STATE).textContent()).toBe("ended");
    expect(await ask()).toMatchObject({ reason: "idle", endedAt: expiresAt });
    expect(countOf(answers, "heartbeat")).toBe(0);
  },
);

test("two windows under input in turn send a hundred heartbeats, and none is refused", async ({
  context,
  openDemo,
}) => {
  const demo = await openDemo({ CURFEW_IDLE: "30s", CURFEW_WARNING: "10s", CURFEW_HEARTBEAT: "50ms" });
  const [one, other] = await openTabs(context, demo.url, 2);
  if (one === undefined || other === undefined) throw new Error("there are no two tabs");
  const answers = noteAnswers(context);
  await expect
    .poll(
      async () => {
        for (let step = 0; step < 5; step++) await Promise.all([moveMouse(one), moveMouse(other)]);
        return countOf(answers, "heartbeat");
      },
      { timeout: 45_000, intervals: [0] },
    )
    .toBeGreaterThanOrEqual(100);
  expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
});
