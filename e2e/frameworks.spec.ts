import { dialog, expect, signIn, statusOf, test } from "./fixtures.js";

const ROOMY = { CURFEW_IDLE: "8s", CURFEW_WARNING: "6s" };
const GUARD_PERIOD = 700;

for (const path of ["/", "/react", "/vue"]) {
  test(`the page at ${path} shows the state, takes the person's answer and ends on time`, async ({
    page,
    openDemo,
  }) => {
    const problems: string[] = [];
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("console", (message) => {
      if (/Content Security Policy|Trusted/.test(message.text())) problems.push(message.text());
    });
    const demo = await openDemo(ROOMY);
    await signIn(page, demo.url);
    await page.goto(`${demo.url}${path}`);
    await expect(page.getByTestId("state")).toHaveText("active");
    await expect(page.getByTestId("unsafe-banner")).toBeVisible();
    const before = await statusOf(page);
    await expect(page.getByTestId("idle-deadline")).toHaveAttribute("data-ms", String(before.idleExpiresAt));
    await expect(page.getByTestId("absolute-deadline")).toHaveAttribute(
      "data-ms",
      String(before.absoluteExpiresAt),
    );

    await expect(dialog(page)).toBeVisible({ timeout: 12_000 });
    await expect(page.getByTestId("state")).toHaveText("warning");
    await page.waitForTimeout(GUARD_PERIOD);
    await page.getByRole("button", { name: "Stay signed in" }).click();
    await expect(dialog(page)).toBeHidden();
    await expect(page.getByTestId("state")).toHaveText("active");
    const { expiresAt } = await statusOf(page);
    expect(expiresAt).toBeGreaterThan(before.expiresAt);

    const polled = Number(await page.getByTestId("poll-count").textContent());
    await expect(page.getByTestId("state")).toHaveText("ended", { timeout: 15_000 });
    await expect(dialog(page)).toContainText("We signed you out");
    await expect(page.getByTestId("poll-status")).toContainText("401 urn:curfew:session-ended, idle");
    expect(Number(await page.getByTestId("poll-count").textContent())).toBeGreaterThan(polled);
    expect(await statusOf(page)).toMatchObject({ reason: "idle", endedAt: expiresAt });
    expect(problems).toEqual([]);
  });
}

test("a transfer asks for the password again, and the session goes on with both deadlines anew", async ({
  page,
  openDemo,
}) => {
  const demo = await openDemo({ CURFEW_IDLE: "60s", CURFEW_WARNING: "20s", CURFEW_FRESH: "2s" });
  await signIn(page, demo.url);
  const before = await statusOf(page);
  await expect.poll(() => Date.now()).toBeGreaterThan(before.now + 2_500);
  await page.getByTestId("transfer").click();
  await page.getByTestId("reauth-password").fill("demo");
  await page.getByTestId("reauth").click();
  await expect(page.getByTestId("transfer-result")).toContainText("transferred to City Hospital");
  await expect(page.getByTestId("transfer")).toBeFocused();
  const after = await statusOf(page);
  expect(after).toMatchObject({ sid: before.sid, key: before.key });
  expect(after.absoluteExpiresAt).toBeGreaterThan(before.absoluteExpiresAt);
  await expect(page.getByTestId("state")).toHaveText("active");
});
