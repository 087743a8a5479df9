/** A person's whole way in the oldest Chromium that docs/browsers.md states: https, the demo, real input. */
import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { dialog, expect, expectAnswerable, paced, stayActive, wait } from "../fixtures.js";
import { printsSecret, SECRET_COLOUR, SECRET_LETTER, secretPixels } from "../support/pixels.js";
import { noteStates, statesOf } from "../support/tabs-server.js";
import { signIn, statusOf, test } from "./fixtures.js";

const CALM = { CURFEW_IDLE: "75s", CURFEW_WARNING: "25s" };
const SHORT = { CURFEW_IDLE: "5s", CURFEW_WARNING: "2s" };
const ROOMY = { CURFEW_IDLE: "9s", CURFEW_WARNING: "6s" };
const SECRET = "the combination is 4711";

/** Another tab of the same browser, in which the session lives. */
async function openOther(page: Page): Promise<Page> {
  const other = await page.context().newPage();
  await other.goto(new URL("/", page.url()).href);
  await expect(other.getByTestId("state")).toHaveText(/active/i);
  return other;
}

test("this is the version that docs/browsers.md states, without what came later", async ({
  browser,
  page,
}) => {
  const stated = readFileSync(new URL("../../docs/browsers.md", import.meta.url), "utf8");
  const [, lowest] = /^\| Chrome \| (\d+) \|/m.exec(stated) ?? [];
  expect(browser.version().split(".")[0]).toBe(lowest);
  const later = ["'popover' in document.head", "'canParse' in URL", "'groupBy' in Map"];
  for (const feature of later) expect(await page.evaluate(feature), feature).toBe(false);
});

test("typing extends the session, and what a script does does not", async ({ page, enter }) => {
  await enter({ ...CALM, CURFEW_HEARTBEAT: "300ms" });
  const typedAt = Date.now();
  await page.getByTestId("note-1").press("a");
  await expect.poll(async () => (await statusOf(page)).lastActiveAt).toBeGreaterThanOrEqual(typedAt - 50);
  await page.evaluate(() => {
    setInterval(() => {
      for (const type of ["mousemove", "pointermove", "keydown", "click"])
        document.body.dispatchEvent(new Event(type, { bubbles: true, composed: true }));
      void fetch("/api/notes");
    }, 50);
  });
  const { lastActiveAt } = await statusOf(page);
  await wait(paced(2_000));
  // The look itself may count once: the test tool marks it as a person's gesture.
  expect((await statusOf(page)).lastActiveAt - lastActiveAt).toBeLessThan(paced(1_000));
});

test("the key outlives a reload, and signs on", async ({ page, enter }) => {
  await enter({ ...CALM, CURFEW_HEARTBEAT: "300ms" });
  const { key } = await statusOf(page);
  await page.reload();
  await expect(page.getByTestId("state")).toHaveText(/active/i);
  const typedAt = Date.now();
  await page.getByTestId("note-1").press("a");
  await expect.poll(async () => (await statusOf(page)).lastActiveAt).toBeGreaterThanOrEqual(typedAt - 50);
  expect((await statusOf(page)).key).toBe(key);
});

test("the warning is an alertdialog over the page, and is answered with the keyboard alone", async ({
  page,
  enter,
}) => {
  await enter(ROOMY);
  await page.getByTestId("note-1").focus();
  await expectAnswerable(page);
  await expect(dialog(page)).toHaveAccessibleName("You will be signed out soon");
  await expect(page.getByRole("button", { name: "Stay signed in" })).toBeFocused();
  const before = await statusOf(page);
  await page.keyboard.press("Tab");
  await expect(page.getByRole("button", { name: "Sign out now" })).toBeFocused();
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Enter");
  await expect(dialog(page)).toBeHidden();
  expect((await statusOf(page)).expiresAt).toBeGreaterThan(before.expiresAt);
  await expect(page.getByTestId("note-1")).toBeFocused();
});

test("Escape means Stay signed in", async ({ page, enter }) => {
  await enter(ROOMY);
  await expectAnswerable(page);
  const before = await statusOf(page);
  await page.keyboard.press("Escape");
  await expect(dialog(page)).toBeHidden();
  expect((await statusOf(page)).expiresAt).toBeGreaterThan(before.expiresAt);
});

test("at the end, on time, no pixel of the page is left, and nothing is printed", async ({ page, enter }) => {
  await enter(SHORT);
  await page.evaluate(
    ([colour, letter]) => {
      for (const parent of [document.body, document.documentElement]) {
        const box = parent.appendChild(document.createElement("div"));
        box.textContent = `${letter} secret ${letter}`;
        box.style.cssText = `visibility:visible!important;position:fixed;inset:auto;left:0;top:${parent === document.body ? 0 : 60}px;width:300px;height:50px;background:${colour};z-index:2147483647`;
      }
    },
    [SECRET_COLOUR, SECRET_LETTER] as const,
  );
  expect(await secretPixels(page)).toBeGreaterThan(10_000);
  expect(await printsSecret(page)).toBe(true);
  const { expiresAt } = await statusOf(page);
  await expect(dialog(page)).toContainText("We signed you out");
  expect(await statusOf(page)).toMatchObject({ reason: "idle", endedAt: expiresAt });
  expect(await secretPixels(page)).toBe(0);
  expect(await printsSecret(page)).toBe(false);
});

test("activity in one tab keeps the other without a warning", async ({ page, enter }) => {
  await enter({ CURFEW_IDLE: "6s", CURFEW_WARNING: "2s" });
  const other = await openOther(page);
  await noteStates(other);
  await page.bringToFront();
  await stayActive(page, Date.now() + paced(8_000));
  expect((await statesOf(other)).filter((status) => status !== "active")).toEqual([]);
  expect((await statusOf(other)).status).toBe("active");
});

test("an answer in one tab closes the warning in the other", async ({ page, enter }) => {
  await enter(ROOMY);
  const other = await openOther(page);
  await expect(dialog(other)).toBeVisible();
  await page.bringToFront();
  await expectAnswerable(page);
  await page.getByRole("button", { name: "Stay signed in" }).click();
  await expect(dialog(page)).toBeHidden();
  await expect(dialog(other)).toBeHidden();
});

test("an end on the server covers a page in sight", async ({ page, enter }) => {
  const { sessions } = await enter(CALM);
  const { sid } = await statusOf(page);
  await sessions.end(sid);
  await expect(dialog(page)).toBeVisible();
  await expect(page.getByTestId("note-1")).not.toBeVisible();
});

test("after a sign-out the other tab is covered, and the back button shows nothing of before", async ({
  page,
  enter,
}) => {
  await enter(CALM);
  await page.getByTestId("note-1").fill(SECRET);
  await expect(page.getByTestId("save-status")).toHaveText("All changes saved");
  const other = await openOther(page);
  await page.getByTestId("sign-out").click();
  await page.waitForURL(/\/login/);
  await expect(dialog(other)).toBeVisible();
  await expect(other.getByTestId("note-1")).not.toBeVisible();
  await page.goBack().catch(() => null);
  const shown = await page.evaluate(() =>
    [...document.querySelectorAll("textarea")]
      .filter((field) => getComputedStyle(field).visibility === "visible")
      .map(({ value }) => value)
      .join(),
  );
  expect(shown).not.toContain(SECRET);
});

test("who signs in again goes on where they were, with the text of a form", async ({ page, enter }) => {
  const { url } = await enter(SHORT);
  await page.goto(`${url}/claim`);
  await page.getByLabel("story").fill(SECRET);
  await expect(dialog(page)).toContainText("We signed you out");
  const again = await page.context().newPage();
  await signIn(again, url);
  await page.bringToFront();
  await expect(dialog(page)).toBeHidden();
  await expect(page.getByLabel("story")).toHaveValue(SECRET);
});

test("a reload after the end gives a draft back to the same person", async ({ page, enter }) => {
  const { url } = await enter(SHORT);
  await page.goto(`${url}/claim`);
  await page.getByLabel("story").fill(SECRET);
  await expect(dialog(page)).toContainText("We signed you out");
  await signIn(page, url);
  await page.goto(`${url}/claim`);
  await expect(page.getByLabel("story")).toHaveValue(SECRET);
});

test("the notice of the absolute end is in sight wherever the page is scrolled to, and Escape closes it", async ({
  page,
  enter,
}) => {
  await enter({ CURFEW_IDLE: "10m", CURFEW_ABSOLUTE: "10m", CURFEW_WARNING: "595s" });
  await page.evaluate(() => document.body.style.setProperty("min-height", "3000px"));
  await page.mouse.wheel(0, 1_500);
  const notice = page.getByRole("region", { name: "You need to sign in again soon" });
  await expect(notice).toBeInViewport({ ratio: 1 });
  await wait(paced(700));
  await page.keyboard.press("Escape");
  await expect(notice).toBeHidden();
});

for (const path of ["/react", "/vue"])
  test(`${path} follows the session`, async ({ page, enter }) => {
    const { url } = await enter(CALM);
    await page.goto(url + path);
    await expect(page.getByTestId("state")).toHaveText(/active/i);
  });
