/** A suspicion opens the ordinary warning before its time (policy `watch.warnEarly`): a person answers it, a moving mouse does not. */
import type { Page } from "@playwright/test";
import { dialog, expect, expectAnswerable, paced, statusOf, test, wait } from "./fixtures.js";

/** What the server finds, and what the client makes of a status, is the same in every engine. */
const CHROMIUM = { tag: "@chromium" };
const LIMITS = {
  CURFEW_IDLE: "12s",
  CURFEW_WARNING: "3s",
  CURFEW_HEARTBEAT: "500ms",
  CURFEW_WARN_EARLY: "machine-like",
};

/** Moves the mouse as a script does, until what is awaited is so. */
async function jiggleUntil(page: Page, isSo: () => Promise<boolean>, timeout = paced(30_000)): Promise<void> {
  await expect
    .poll(
      async () => {
        for (let move = 0; move < 12; move++) await page.mouse.move(100 + 3 * move, 300 + (move % 7));
        return isSo();
      },
      { timeout },
    )
    .toBe(true);
}

async function trailOf(url: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  return (await fetch(`${url}/audit`, { headers: { accept: "application/json" } })).json() as never;
}

test(
  "a mouse that a script moves opens the warning in every tab, and does not close it; the button does, and the deadline was kept",
  CHROMIUM,
  async ({ page, context, openSignedIn }) => {
    const { url } = await openSignedIn(LIMITS);
    const { warningPeriod: usual, idleTimeout } = await statusOf(page);
    const other = await context.newPage();
    await other.goto(url);
    await page.bringToFront();
    await jiggleUntil(page, () => dialog(page).isVisible());
    await expect(dialog(other)).toBeVisible();

    const opened = await statusOf(page);
    expect(opened.warningPeriod).toBe(idleTimeout);
    expect(opened.expiresAt).toBe(opened.lastActiveAt + idleTimeout);
    // Long before the policy's own warning.
    expect(opened.expiresAt - opened.now).toBeGreaterThan(usual);
    await expect(dialog(page)).not.toContainText(/suspicious|machine|script|robot|unusual/i);
    const title = await dialog(page).getByRole("heading").textContent();

    await expectAnswerable(page);
    for (let move = 0; move < 30; move++) await page.mouse.move(100 + 3 * move, 300 + (move % 7));
    await wait(1_000);
    await expect(dialog(page)).toBeVisible();
    const held = await statusOf(page);
    expect(held.lastActiveAt).toBeLessThanOrEqual(opened.now);
    expect(held.warningPeriod).toBe(idleTimeout);

    await page.getByRole("button", { name: "Stay signed in" }).click();
    await expect(dialog(page)).toBeHidden();
    await expect(dialog(other)).toBeHidden();
    const answered = await statusOf(page);
    expect(answered.warningPeriod).toBe(usual);
    expect(answered.expiresAt).toBeGreaterThan(opened.expiresAt);

    const records = await trailOf(url);
    const types = records.map(({ type }) => type);
    const warned = types.indexOf("session_warned_early");
    expect(types.indexOf("alert_raised")).toBeLessThan(warned);
    expect(records[warned]).toMatchObject({ rule: "machine-like", sid: opened.sid });
    expect(records.slice(warned).find(({ intent }) => intent === "extend")).toBeDefined();
    expect(types.filter((type) => type === "session_warned_early")).toHaveLength(1);

    // The ordinary warning says the same, at its own time.
    await expect(dialog(page)).toBeVisible();
    expect(await dialog(page).getByRole("heading").textContent()).toBe(title);
    const ordinary = await statusOf(page);
    expect(ordinary.expiresAt - ordinary.now).toBeLessThan(2 * usual);
  },
);

test(
  "a mouse that goes on moving beside the open warning keeps nobody signed in: the session ends at its deadline",
  CHROMIUM,
  async ({ page, openSignedIn }) => {
    const { url } = await openSignedIn(LIMITS);
    await jiggleUntil(page, () => dialog(page).isVisible());
    const { now: openAt, expiresAt } = await statusOf(page);
    const isOver = async () => (await statusOf(page)).status !== "active";
    await jiggleUntil(page, isOver, expiresAt - openAt + paced(30_000));
    const records = await trailOf(url);
    // What the person did before the warning opened still counts, and nothing after it.
    const renewed = records.filter(({ type }) => type === "session_renewed").at(-1);
    expect(Date.parse(String(renewed?.lastActiveAt))).toBeLessThanOrEqual(openAt);
    expect(records.find(({ type }) => type === "session_expired")).toMatchObject({
      reason: "idle",
      endedAt: renewed?.expiresAt,
    });
    await expect(dialog(page)).toContainText("We signed you out");
  },
);
