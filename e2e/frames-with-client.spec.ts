import { dialog, expect, expectAnswerable, paced, statusOf, wait } from "./fixtures.js";
import { type AppOptions, enter, test } from "./support/activity-app.js";

const POLICY: NonNullable<AppOptions["policy"]> = {
  idle: "14s",
  absolute: "10m",
  warning: "10s",
  heartbeat: "500ms",
  unsafeForTesting: true,
};
/** A page of the same app, with the client of its own, as each page of such an app has it. */
const INNER = `<!doctype html><title>Part</title><script src="/curfew.js" data-base="/curfew"></script><input id="field" style="position: fixed; left: 0; top: 0; width: 200px; height: 40px">`;
const FRAME = '<iframe src="/inner" style="width: 400px; height: 300px"></iframe>';

for (const [name, body] of [
  ["a frame", FRAME],
  ["a frame in a frame", '<iframe src="/outer" style="width: 500px; height: 400px"></iframe>'],
] as const) {
  test(`${name} of the app's own shows no second warning, and the first has the focus and the keys`, async ({
    page,
    openApp,
  }) => {
    const app = await openApp({ policy: POLICY, body, pages: { "/inner": INNER, "/outer": FRAME } });
    await enter(page, app);
    const inner = page.frames().at(-1);
    await inner?.locator("#field").click();
    await expectAnswerable(page);
    await wait(paced(500));
    expect(await inner?.getByRole("alertdialog").count()).toBe(0);
    const stay = dialog(page).getByRole("button", { name: "Stay signed in" });
    await expect(stay).toBeFocused();
    const { lastActiveAt } = await statusOf(page);
    await page.keyboard.press("Enter");
    await expect(dialog(page)).toBeHidden();
    expect((await statusOf(page)).lastActiveAt).toBeGreaterThan(lastActiveAt);
  });
}

test("a frame of the app's own in a page that warns nobody tells its person itself", async ({
  page,
  openApp,
}) => {
  const app = await openApp({
    policy: POLICY,
    body: FRAME,
    pages: { "/inner": INNER },
    script: () => 'data-warning="none"',
  });
  await enter(page, app);
  await expect(page.frameLocator("iframe").getByRole("alertdialog")).toBeVisible();
});

test("the end of a session that a page and its frame share is told once, in the page", async ({
  page,
  openApp,
}) => {
  const app = await openApp({
    policy: { ...POLICY, idle: "4s", warning: "1s" },
    body: FRAME,
    pages: { "/inner": INNER },
  });
  await enter(page, app);
  await expect(dialog(page).getByRole("link")).toBeVisible();
  expect(await page.frames().at(-1)?.getByRole("alertdialog").count()).toBe(0);
  await expect(dialog(page).locator(":focus")).toHaveCount(1);
});
