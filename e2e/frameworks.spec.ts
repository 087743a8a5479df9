import type { Page } from "@playwright/test";
import { dialog, expect, paced, signIn, statusOf, test } from "./fixtures.js";

// The heartbeat is short, so that the page is one for tests on the slowest machine too.
const ROOMY = { CURFEW_IDLE: "8s", CURFEW_WARNING: "5s", CURFEW_HEARTBEAT: "80ms" };
const CALM = { CURFEW_IDLE: "75s", CURFEW_WARNING: "25s" };

/** The same app three times: everything below holds for each of them. */
const PAGES = ["/", "/react", "/vue"];

/** Signs in, opens the page at `path`, and collects what its console complains of: the browser's own line about a 401 apart. */
async function open(page: Page, url: string, path: string): Promise<readonly string[]> {
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    const isRefusal = /status of 401/.test(message.text());
    if (["error", "warning"].includes(message.type()) && !isRefusal) complaints.push(message.text());
  });
  await signIn(page, url);
  await page.goto(`${url}${path}`);
  await expect(page.getByTestId("state")).toHaveText("active");
  return complaints;
}

/** What the page says of the end, in milliseconds by the server's clock. */
const shown = (page: Page, id: string) =>
  expect.poll(async () => Number(await page.getByTestId(id).getAttribute("data-ms")));

/** Answers the warning as a person does who uses the keyboard; the first moments of a dialog take no answer. */
async function stayByKeyboard(page: Page): Promise<void> {
  await expect(dialog(page).getByRole("button", { name: "Stay signed in" })).toBeFocused();
  const { expiresAt } = await statusOf(page);
  const later = async () => {
    await page.keyboard.press("Enter");
    return (await statusOf(page)).expiresAt;
  };
  await expect.poll(later).toBeGreaterThan(expiresAt);
}

for (const path of PAGES) {
  test(`the page at ${path} shows the state, takes the person's answer by keyboard, ends on time, and goes on after the same person's sign-in`, async ({
    page,
    openDemo,
  }) => {
    const demo = await openDemo(ROOMY);
    const complaints = await open(page, demo.url, path);
    await expect(page.getByTestId("unsafe-banner")).toBeVisible();
    const before = await statusOf(page);
    await shown(page, "idle-deadline").toBe(before.idleExpiresAt);
    await shown(page, "absolute-deadline").toBe(before.absoluteExpiresAt);

    await expect(dialog(page)).toBeVisible();
    await expect(page.getByTestId("state")).toHaveText("warning");
    await stayByKeyboard(page);
    await expect(dialog(page)).toBeHidden();
    await expect(page.getByTestId("state")).toHaveText("active");

    // Nothing that is pressed now counts any more, so the deadline stands.
    await expect(page.getByTestId("state")).toHaveText("warning");
    const { expiresAt } = await statusOf(page);
    await shown(page, "idle-deadline").toBe(expiresAt);
    const polled = Number(await page.getByTestId("poll-count").textContent());
    await expect(page.getByTestId("state")).toHaveText("ended");
    await expect(dialog(page)).toContainText("We signed you out");
    await expect(page.getByRole("heading", { name: "Ward notes" })).toBeHidden();
    await expect(page.getByTestId("poll-status")).toContainText("401 urn:curfew:session-ended, idle");
    expect(Number(await page.getByTestId("poll-count").textContent())).toBeGreaterThan(polled);
    expect(await statusOf(page)).toMatchObject({ reason: "idle", endedAt: expiresAt });

    const other = await page.context().newPage();
    await signIn(other, demo.url);
    await expect(page.getByTestId("state")).toHaveText("active");
    await expect(dialog(page)).toBeHidden();
    await expect(page.getByRole("heading", { name: "Ward notes" })).toBeVisible();
    expect(complaints).toEqual([]);
  });

  test(`the page at ${path} asks for the password again before a transfer, and signs out in every tab`, async ({
    page,
    openDemo,
  }) => {
    const demo = await openDemo({ ...CALM, CURFEW_FRESH: "2s" });
    const complaints = await open(page, demo.url, path);
    const before = await statusOf(page);
    await expect.poll(() => Date.now()).toBeGreaterThan(before.now + paced(2_500));
    await page.getByTestId("transfer").click();
    await expect(page.getByTestId("reauth-password")).toBeFocused();
    await page.keyboard.type("demo");
    await page.keyboard.press("Enter");
    await expect(page.getByTestId("transfer-result")).toContainText("transferred to City Hospital");
    await expect(page.getByTestId("transfer")).toBeFocused();
    const after = await statusOf(page);
    expect(after).toMatchObject({ sid: before.sid, key: before.key });
    expect(after.absoluteExpiresAt).toBeGreaterThan(before.absoluteExpiresAt);
    await expect(page.getByTestId("state")).toHaveText("active");

    const other = await page.context().newPage();
    await other.goto(`${demo.url}${path}`);
    await expect(other.getByTestId("state")).toHaveText("active");
    await page.getByTestId("sign-out").click();
    await page.waitForURL(`${demo.url}/login`);
    await expect(dialog(other)).toContainText("You are signed out");
    await expect(other.getByTestId("state")).toHaveText("ended");
    expect(complaints).toEqual([]);
  });
}
