/** How to test a session end to end: a real browser, a real verifier, times of a few seconds. */
import { expect, type Page, test } from "@playwright/test";

const IDLE = 6_000;

interface Status {
  readonly status?: string;
  readonly reason?: string;
  readonly expiresAt: number;
  readonly key: string | null;
}

/** What the server says. Asked from outside: whatever a test does inside the page could count as a person's doing. */
async function statusOf(page: Page): Promise<Status> {
  const answer = await page.request.get("/curfew/session");
  return (await answer.json()) as Status;
}

const dialog = (page: Page) => page.getByRole("alertdialog");

test.beforeEach(async ({ page }) => {
  await page.goto("/login");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL("/");
  // From here on activity is signed: the browser's key is bound.
  await expect.poll(async () => (await statusOf(page)).key).not.toBeNull();
});

test("a person who moves the mouse stays signed in, beyond the idle timeout", async ({ page }) => {
  const { expiresAt } = await statusOf(page);
  let step = 0;
  await expect
    .poll(
      async () => {
        await page.mouse.move(100 + ++step, 100);
        return (await statusOf(page)).expiresAt;
      },
      { timeout: 2 * IDLE, intervals: [200] },
    )
    .toBeGreaterThan(expiresAt + IDLE);
});

test("a page that only polls is warned about and ends on time, and its API refuses", async ({ page }) => {
  const { expiresAt } = await statusOf(page);
  await expect(dialog(page)).toBeVisible({ timeout: IDLE });
  await expect(dialog(page)).toContainText("We signed you out", { timeout: IDLE });
  expect(await statusOf(page)).toMatchObject({ reason: "idle", endedAt: expiresAt });
  expect((await page.request.get("/api/notes")).status()).toBe(401);
  await expect(page.locator("output")).toContainText("401 after");
});

test("a person who answers the warning by keyboard stays signed in", async ({ page }) => {
  await expect(dialog(page).getByRole("button", { name: "Stay signed in" })).toBeFocused({ timeout: IDLE });
  const { expiresAt } = await statusOf(page);
  await expect
    .poll(async () => {
      // A press in the dialog's first moments is not taken for an answer: it was meant for the page.
      await page.keyboard.press("Enter");
      return (await statusOf(page)).expiresAt;
    })
    .toBeGreaterThan(expiresAt);
  await expect(dialog(page)).toBeHidden();
});

test("signing out in one tab covers the other", async ({ page, context }) => {
  const other = await context.newPage();
  await other.goto("/");
  await expect(dialog(page)).toBeVisible({ timeout: IDLE });
  await expect
    .poll(async () => {
      await page.getByRole("button", { name: "Sign out now" }).press("Enter");
      return (await statusOf(page)).status;
    })
    .not.toBe("active");
  await expect(other.getByRole("heading", { name: "Notes" })).toBeHidden();
  await expect(dialog(other)).toBeVisible();
});
