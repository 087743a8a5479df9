import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { dialog, expect, expectAnswerable, signIn, test } from "./fixtures.js";

/** Axe reads the page's markup, which no engine changes; the tree of accessibility is read by Chromium's own protocol. */
const CHROMIUM = { tag: "@chromium" };
const ROOMY = { CURFEW_IDLE: "8s", CURFEW_WARNING: "6s" };

async function violationsOn(page: Page): Promise<readonly string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
}

for (const colorScheme of ["light", "dark"] as const)
  test(
    `no page of the demo and no state of the warning breaks a rule of axe in ${colorScheme}`,
    CHROMIUM,
    async ({ page, openDemo }) => {
      await page.emulateMedia({ colorScheme });
      const demo = await openDemo({ CURFEW_IDLE: "75s", CURFEW_WARNING: "25s" });
      await page.goto(`${demo.url}/login`);
      expect(await violationsOn(page)).toEqual([]);
      await signIn(page, demo.url);
      for (const path of ["/", "/react", "/vue", "/audit"]) {
        await page.goto(`${demo.url}${path}`);
        if (path !== "/audit") await expect(page.getByTestId("note-1")).toBeVisible();
        expect(await violationsOn(page), path).toEqual([]);
      }
      const short = await openDemo(ROOMY);
      await signIn(page, short.url);
      await expect(dialog(page)).toBeVisible();
      expect(await violationsOn(page), "warning").toEqual([]);
      await expect(dialog(page)).toContainText("We signed you out");
      expect(await violationsOn(page), "ended").toEqual([]);
    },
  );

test(
  "a screen reader finds one alertdialog with name and description, and nothing of the page behind it",
  CHROMIUM,
  async ({ page, openDemo }) => {
    const demo = await openDemo(ROOMY);
    await signIn(page, demo.url);
    await expect(dialog(page)).toBeVisible();
    const client = await page.context().newCDPSession(page);
    const { nodes } = await client.send("Accessibility.getFullAXTree");
    const shown = nodes.filter(({ ignored }) => !ignored);
    const dialogs = shown.filter(({ role }) => role?.value === "alertdialog");
    expect(dialogs.map(({ name, description }) => [name?.value, description?.value])).toEqual([
      ["You will be signed out soon", expect.stringMatching(/^For your security, we will sign you out at /)],
    ]);
    expect(shown.filter(({ role }) => role?.value === "textbox")).toEqual([]);
  },
);

test("at 320 × 256 pixels the whole warning can be reached and answered by keyboard", async ({
  page,
  openDemo,
}) => {
  await page.setViewportSize({ width: 320, height: 256 });
  const demo = await openDemo(ROOMY);
  await signIn(page, demo.url);
  await expect(dialog(page)).toBeVisible();
  await expect(page.getByRole("button", { name: "Stay signed in" })).toBeInViewport({ ratio: 1 });
  await expectAnswerable(page);
  await page.keyboard.press("Tab");
  await expect(page.getByRole("button", { name: "Sign out now" })).toBeInViewport({ ratio: 1 });
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Space");
  await expect(dialog(page)).toBeHidden();
});
