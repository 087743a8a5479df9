import type { Page } from "@playwright/test";
import { dialog, expect, paced, statusOf, test, wait } from "./fixtures.js";
import { heardOf } from "./support/activity-app.js";
import { type Framework, openSoftApp, type SoftApp } from "./support/soft-app.js";

const FRAMEWORKS: Readonly<Record<Framework, string>> = {
  turbo: "Turbo",
  htmx: "htmx with hx-boost",
  inertia: "Inertia",
  history: "fetch and pushState",
  panel: "fetch alone, at the same address",
};

const stateOf = (page: Page) => page.evaluate<string>("Curfew.session.state.status");

async function signIn(page: Page, framework: Framework): Promise<void> {
  await page.locator("#user").fill("ann");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.locator("#note")).toBeVisible();
  if (framework !== "panel") await expect(page).toHaveURL(/\/records$/);
}

async function withApp(
  page: Page,
  framework: Framework,
  use: (app: SoftApp) => Promise<void>,
): Promise<void> {
  const app = await openSoftApp(framework);
  await page.goto(`${app.url}/login`);
  // Whatever loads the page again would take this away.
  await page.evaluate("window.isFirst = true");
  await use(app);
  expect(await page.evaluate("window.isFirst")).toBe(true);
  await app.close();
}

for (const framework of Object.keys(FRAMEWORKS) as Framework[]) {
  test(`${FRAMEWORKS[framework]}: a sign-in without a page load is noticed, and who types is heard`, async ({
    page,
  }) => {
    await withApp(page, framework, async () => {
      await expect.poll(() => stateOf(page)).toBe("absent");
      await signIn(page, framework);
      await expect.poll(async () => (await statusOf(page)).key).not.toBeNull();
      expect(await stateOf(page)).toBe("active");
      await wait(paced(500));
      const at = Date.now();
      await page.locator("#note").press("a");
      await heardOf(page, at);
    });
  });

  // Where the address stays, nobody can tell the form from what was there before: that page is covered.
  if (framework === "panel") continue;

  test(`${FRAMEWORKS[framework]}: after the app's own sign-out its form is there, and signs in again`, async ({
    page,
  }) => {
    await withApp(page, framework, async () => {
      await signIn(page, framework);
      await expect.poll(() => stateOf(page)).toBe("active");
      await page.getByRole("button", { name: "Sign out" }).click();
      await expect(page).toHaveURL(/\/login$/);
      await expect.poll(() => stateOf(page)).toBe("absent");
      await wait(paced(1_500));
      await expect(dialog(page)).toBeHidden();
      await expect(page.locator("curfew-cover")).toHaveCount(0);
      await signIn(page, framework);
      await expect.poll(() => stateOf(page)).toBe("active");
      await expect(page.locator("curfew-cover")).toHaveCount(0);
    });
  });
}

test("records that come back by the back button after such a sign-out are covered", async ({ page }) => {
  await withApp(page, "history", async () => {
    await signIn(page, "history");
    await expect.poll(() => stateOf(page)).toBe("active");
    await page.getByRole("button", { name: "Sign out" }).click();
    await expect.poll(() => stateOf(page)).toBe("absent");
    await page.evaluate("history.back()");
    await expect(page).toHaveURL(/\/records$/);
    await expect(page.locator("#note")).toHaveCount(1);
    await expect(page.locator("curfew-cover")).toHaveCount(1);
    await expect(page.locator("#note")).toBeHidden();
  });
});

test("a page that sets its address with each key, signed out, asks a few times and no more", async ({
  page,
}) => {
  await withApp(page, "history", async (app) => {
    await expect.poll(() => stateOf(page)).toBe("absent");
    const before = app.questions();
    await page.evaluate(
      "document.getElementById('user').oninput = ({ target }) => history.replaceState(null, '', '?user=' + target.value)",
    );
    await page
      .locator("#user")
      .pressSequentially("a long name, letter by letter, for a while", { delay: 100 });
    expect(app.questions() - before).toBeLessThanOrEqual(5);
  });
});

test("the script included again makes the client ask again", async ({ page }) => {
  await withApp(page, "history", async (app) => {
    await expect.poll(() => stateOf(page)).toBe("absent");
    const before = app.questions();
    await page.evaluate(
      "const script = document.createElement('script'); script.src = '/curfew.js'; document.head.append(script)",
    );
    await expect.poll(() => app.questions()).toBeGreaterThan(before);
  });
});
