/** The machine's wall clock is set, or goes on while the monotonic one stands still: what a person sees stays the server's. */
import type { BrowserContext, Page } from "@playwright/test";
import { dialog, expect, paced, signIn, test } from "./fixtures.js";
import { prepareWallClock, setWallClock } from "./support/tabs-clocks.js";
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

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const ROOMY = { CURFEW_IDLE: "8s", CURFEW_WARNING: "4s", CURFEW_HEARTBEAT: "300ms" };

async function openPage(context: BrowserContext, page: Page, url: string): Promise<void> {
  await prepareWallClock(context);
  // A refused poll of the app would make the client ask: here it has to notice by itself.
  await page.route(/\/(api\/notes|audit)\b/, (route) => route.abort());
  await signIn(page, url);
  await expect(page.getByTestId("state")).toHaveText("active");
}

for (const [name, by] of [
  ["an hour forward", HOUR],
  ["an hour back", -HOUR],
  ["a day forward", DAY],
  ["a day back", -DAY],
] as const)
  test(`a clock that is set ${name} costs one question; no input counts before it, and the warning comes on time`, async ({
    context,
    page,
    openDemo,
  }) => {
    const demo = await openDemo(ROOMY);
    await openPage(context, page, demo.url);
    const ask = await serverView(page);
    const before = await beActive(page, ask);
    const answers = noteAnswers(page);
    // The question is held up, so that it can be seen what happens before its answer.
    let held = 0;
    let letGo = () => {};
    const released = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    await page.route("**/curfew/session*", async (route) => {
      held++;
      await released;
      await route.continue();
    });
    await setWallClock(page, by);
    await moveMouse(page);
    await expect.poll(() => held).toBe(1);
    for (let step = 0; step < 5; step++) await moveMouse(page);
    expect((await ask()).lastActiveAt).toBe(before.lastActiveAt);
    letGo();
    await expect.poll(() => countOf(answers, "session")).toBeGreaterThan(0);
    await expect(page.getByTestId("state")).toHaveText("active");
    expect((await ask()).lastActiveAt).toBe(before.lastActiveAt);
    expect(countOf(answers, "session")).toBe(1);

    const { expiresAt } = await beActive(page, ask);
    await noteStates(page);
    await expect(dialog(page)).toBeVisible();
    expect(Math.abs((await toldAt(page, "warning")) - (expiresAt - paced(4_000)))).toBeLessThan(late());
    expect((await ask()).expiresAt).toBe(expiresAt);
  });

test("tabs hear from one another although the clock was set back before the second one opened", async ({
  context,
  page,
  openDemo,
}) => {
  const demo = await openDemo({ CURFEW_IDLE: "75s", CURFEW_WARNING: "25s" });
  await openPage(context, page, demo.url);
  await setWallClock(page, -HOUR);
  await prepareWallClock(context, -HOUR);
  const later = await context.newPage();
  await later.goto(demo.url);
  await expect(later.getByTestId("state")).toHaveText("active");
  await later.getByTestId("sign-out").click();
  await expect(page.getByTestId("state")).toHaveText("ended");
});

test("a night in which the monotonic clock stood still is noticed by itself, and the server's word stands", async ({
  context,
  page,
  openDemo,
}) => {
  const demo = await openDemo({ CURFEW_IDLE: "75s", CURFEW_WARNING: "25s" });
  await openPage(context, page, demo.url);
  const ask = await serverView(page);
  const before = await beActive(page, ask);
  const answers = noteAnswers(page);
  await setWallClock(page, 8 * HOUR);
  // Nobody touches anything: the client looks at its clocks now and then, and asks.
  await expect.poll(() => countOf(answers, "session")).toBe(1);
  await expect(page.getByTestId("state")).toHaveText("active");
  expect((await ask()).lastActiveAt).toBe(before.lastActiveAt);
});

/** Firefox's driver cannot send a request on whose body it does not hand out. */
const SENDS_BODIES_ON = { tag: "@chromium" };

test(
  "a session of forty days opens without a warning and without a question",
  SENDS_BODIES_ON,
  async ({ page, openDemo }) => {
    const demo = await openDemo({ CURFEW_IDLE: "24d", CURFEW_ABSOLUTE: "24d" });
    // The policy keeps to what a timer can hold, so the browser is told of more.
    const more = 16 * DAY;
    await page.route(/\/curfew\/(session|key|heartbeat)/, async (route) => {
      const response = await route.fetch();
      const status = JSON.parse(await response.text());
      if (status.status !== "active") return route.fulfill({ response });
      for (const member of [
        "idleTimeout",
        "absoluteTimeout",
        "idleExpiresAt",
        "absoluteExpiresAt",
        "expiresAt",
      ])
        status[member] += more;
      await route.fulfill({ response, json: status });
    });
    await signIn(page, demo.url);
    await expect(page.getByTestId("state")).toHaveText("active");
    const answers = noteAnswers(page);
    await expect
      .poll(async () => Number(await page.getByTestId("poll-count").textContent()))
      .toBeGreaterThan(2);
    await expect(page.getByTestId("state")).toHaveText("active");
    await expect(dialog(page)).toBeHidden();
    expect(countOf(answers, "session")).toBe(0);
  },
);
