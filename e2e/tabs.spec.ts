import { dialog, expect, signIn, statusOf, stayActive, test } from "./fixtures.js";

test("activity in one tab keeps the other alive without a warning", async ({ context, page, openDemo }) => {
  const demo = await openDemo({ CURFEW_IDLE: "6s", CURFEW_WARNING: "2s" });
  await signIn(page, demo.url);
  const other = await context.newPage();
  await other.goto(demo.url);
  await page.bringToFront();
  let warned = false;
  const watch = dialog(other)
    .waitFor({ state: "visible", timeout: 10_000 })
    .then(
      () => {
        warned = true;
      },
      () => {},
    );
  await stayActive(page, Date.now() + 9_000);
  expect(warned).toBe(false);
  await expect(other.getByTestId("state")).toHaveText(/active/i);
  expect((await statusOf(other)).status).toBe("active");
  await watch;
});

test("an answer in one tab closes the warning in the other", async ({ context, page, openDemo }) => {
  const demo = await openDemo({ CURFEW_IDLE: "8s", CURFEW_WARNING: "5s" });
  await signIn(page, demo.url);
  const other = await context.newPage();
  await other.goto(demo.url);
  await expect(dialog(other)).toBeVisible({ timeout: 10_000 });
  await expect(dialog(page)).toBeVisible();
  const before = await statusOf(page);
  await page.bringToFront();
  await page.waitForTimeout(700);
  await page.getByRole("button", { name: "Stay signed in" }).click();
  await expect(dialog(page)).toBeHidden();
  await expect(dialog(other)).toBeHidden({ timeout: 2_000 });
  const after = await statusOf(other);
  expect(after.expiresAt).toBeGreaterThan(before.expiresAt);
  await expect(other.getByTestId("state")).toHaveText(/active/i);
  const shown = Number(await other.getByTestId("idle-deadline").getAttribute("data-ms"));
  expect(shown).toBe(after.idleExpiresAt);
});

test("a sign-out in one tab ends the other within a second", async ({ context, page, openDemo }) => {
  const demo = await openDemo({ CURFEW_IDLE: "75s", CURFEW_WARNING: "25s" });
  await signIn(page, demo.url);
  const other = await context.newPage();
  await other.goto(demo.url);
  await expect(other.getByTestId("state")).toHaveText(/active/i);
  await page.bringToFront();
  await page.getByTestId("sign-out").click();
  await expect(dialog(other)).toContainText(/signed (you )?out/i, { timeout: 1_000 });
  await expect(other.getByTestId("note-1")).not.toBeVisible();
});

test("a sign-out by a form alone ends the other tab as soon as the sign-in page is there", async ({
  context,
  page,
  openDemo,
}) => {
  const demo = await openDemo({ CURFEW_IDLE: "75s", CURFEW_WARNING: "25s" });
  await signIn(page, demo.url);
  const other = await context.newPage();
  await other.goto(`${demo.url}/react`);
  await expect(other.getByTestId("state")).toHaveText(/active/i);
  await page.bringToFront();
  await page.evaluate(() => document.querySelector<HTMLFormElement>("form.who")?.submit());
  await page.waitForURL(/\/login/);
  await expect(dialog(other)).toContainText(/signed (you )?out/i, { timeout: 1_000 });
  await expect(dialog(page)).toBeHidden();
});

test("a new sign-in of the same person uncovers the other tab where it was", async ({
  context,
  page,
  openDemo,
}) => {
  const demo = await openDemo({ CURFEW_IDLE: "75s", CURFEW_WARNING: "25s" });
  await signIn(page, demo.url);
  const other = await context.newPage();
  await other.goto(demo.url);
  await expect(other.getByTestId("state")).toHaveText(/active/i);
  await other.getByTestId("note-1").fill("half a thought");
  await page.bringToFront();
  await page.getByTestId("sign-out").click();
  await expect(dialog(other)).toBeVisible();
  await signIn(page, demo.url);
  await expect(dialog(other)).toBeHidden();
  await expect(other.getByTestId("note-1")).toHaveValue("half a thought");
});

test("a step-up in one tab is not noticed in the other, which goes on and extends", async ({
  context,
  page,
  openDemo,
}) => {
  const demo = await openDemo({ CURFEW_IDLE: "20s", CURFEW_WARNING: "5s", CURFEW_FRESH: "1ms" });
  await signIn(page, demo.url);
  const other = await context.newPage();
  await other.goto(demo.url);
  await expect(other.getByTestId("state")).toHaveText("active");
  const states: string[] = [];
  await other.exposeFunction("noteState", (text: string) => states.push(text));
  await other.evaluate(() => {
    const state = document.querySelector("[data-testid=state]");
    const note = () => Reflect.get(window, "noteState")(state?.textContent ?? "");
    new MutationObserver(note).observe(state as Element, {
      childList: true,
      characterData: true,
      subtree: true,
    });
  });
  const before = await statusOf(page);
  const failures: string[] = [];
  other.on("response", (answer) => {
    if (answer.url().includes("/curfew/") && answer.status() >= 400)
      failures.push(`${answer.status()} ${answer.url()}`);
  });

  await page.bringToFront();
  await page.getByTestId("transfer").click();
  await page.getByTestId("reauth-password").fill("demo");
  await page.getByTestId("reauth").click();
  await expect
    .poll(async () => (await statusOf(page)).authenticatedAt)
    .toBeGreaterThan(before.authenticatedAt);
  const after = await statusOf(page);
  expect(after).toMatchObject({ sid: before.sid, key: before.key });
  expect(after.nonce).not.toBe(before.nonce);

  await other.bringToFront();
  await other.mouse.move(200, 200);
  await other.mouse.move(260, 220);
  await expect.poll(async () => (await statusOf(other)).lastActiveAt).toBeGreaterThan(after.lastActiveAt);
  await expect(other.getByTestId("state")).toHaveText("active");
  expect(states.filter((text) => text !== "active")).toEqual([]);
  expect(failures).toEqual([]);
});
