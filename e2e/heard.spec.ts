import type { Page } from "@playwright/test";
import { expect, test, wait } from "./fixtures.js";
import { type Heard, heardSince, recordReading } from "./support/recorder.js";

/** The test session of the gallery's picture. */
declare const gallery: {
  advance(period: number): Promise<void>;
  readonly server: {
    disconnect(): Promise<void>;
    reconnect(): Promise<void>;
    end(): Promise<void>;
    signIn(): Promise<void>;
  };
};

/** A live region must have been there for a second, and two utterances are ten seconds apart. */
const [FIRST, QUIET] = [1200, 10_200];

async function open(page: Page, { url }: { readonly url: string }, state: string): Promise<readonly Heard[]> {
  await recordReading(page);
  await page.goto(`${url}/gallery/${state}?locale=en`);
  await page.locator("html[data-ready]").waitFor();
  return heardSince(page);
}

/** Holds that nothing but this is heard once it has been done, with what was heard `before`. */
async function hears(
  page: Page,
  expected: readonly string[],
  act: () => Promise<unknown>,
  before: readonly Heard[] = [],
): Promise<void> {
  await act();
  const heard = [...before];
  const all = async () => {
    // The card's own clock ticks by the browser's time, and looks at the session's then; this is such a look.
    await page.evaluate(() => dispatchEvent(new Event("online")));
    heard.push(...(await heardSince(page)));
    return heard.map(({ by, text }) => `${by}: ${text}`);
  };
  await expect.poll(all).toEqual(expected);
  await wait(300);
  expect(await all()).toEqual(expected);
}

const pass = (page: Page, period: number) => () => page.evaluate((time) => gallery.advance(time), period);
const END = "focus: We signed you out";

test("the question takes the focus to its answer, speaks at a minute and at half of one, and the end takes the focus", async ({
  page,
  openDemo,
}) => {
  expect(await open(page, await openDemo(), "idle")).toEqual([{ by: "focus", text: "Stay signed in" }]);
  await wait(QUIET);
  await hears(page, ["status: 1 minute left. Press the Esc key to stay signed in."], pass(page, 60_000));
  await wait(QUIET);
  await hears(page, ["alert: 30 seconds left. Press the Esc key to stay signed in."], pass(page, 30_000));
  await hears(page, [END], pass(page, 31_000));
  await expect(page.getByRole("alertdialog", { name: "We signed you out" })).toMatchAriaSnapshot(`
    - alertdialog "We signed you out":
      - heading "We signed you out" [level=2]
      - paragraph: What you wrote is still on this page.
      - paragraph: /Sign in again in a new tab, then come back\\..*/
      - link "Sign in again in a new tab"
  `);
});

test("without an answer the doubt takes the focus, and then the end takes it anew", async ({
  page,
  openDemo,
}) => {
  await open(page, await openDemo(), "idle");
  await wait(FIRST);
  const doubt = [
    "alert: We cannot reach this service right now. We will try again.",
    "focus: We cannot check whether you are signed in",
  ];
  await hears(page, doubt, async () => {
    await page.evaluate(() => gallery.server.disconnect());
    await page.evaluate(() => gallery.advance(121_000));
  });
  await expect(
    page.getByRole("alertdialog", { name: "We cannot check whether you are signed in" }),
  ).toBeVisible();
  await hears(page, [END], () => page.evaluate(() => gallery.server.reconnect()));
});

test("the notice takes no focus and is said once; its last half minute and its end take the focus", async ({
  page,
  openDemo,
}) => {
  // On a slow machine the notice has been said before the page is ready.
  const opened = await open(page, await openDemo(), "absolute");
  await wait(FIRST);
  await hears(page, ["status: 2 minutes left. Then you must sign in again."], pass(page, 1), opened);
  await hears(page, ["focus: You need to sign in again soon"], pass(page, 91_000));
  await hears(page, [END], pass(page, 30_000));
});

test("an answer is heard outside the dialog, once, with the focus back in the page", async ({
  page,
  openDemo,
}) => {
  await open(page, await openDemo(), "idle");
  await wait(FIRST);
  await hears(page, ["status: You are still signed in."], () => page.keyboard.press("Escape"));
  await expect(page.getByRole("alertdialog")).toBeHidden();
});

test("an end that another tab brings takes the focus from the question", async ({ page, openDemo }) => {
  await open(page, await openDemo(), "idle");
  await wait(FIRST);
  await hears(page, [END], () => page.evaluate(() => gallery.server.end()));
});
