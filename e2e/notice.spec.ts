// The notice at the beginning (WCAG 2.2.6): without script, and with it for the limits of the person's own session.
import { expect, signIn, test } from "./fixtures.js";
import { openPlainPage, servePlainScript } from "./support/plain-page.js";

const SCRIPT = `
  import { createSessionClient } from "curfew";
  import { defineNotice } from "curfew/notice";
  defineNotice(createSessionClient());
`;

test.describe("without script", () => {
  test.use({ javaScriptEnabled: false });

  test("the page where people sign in says how long they may pause", async ({ page, openDemo }) => {
    const demo = await openDemo({ CURFEW_IDLE: "20m", CURFEW_ABSOLUTE: "8h" });
    await page.goto(`${demo.url}/login`);
    await expect(
      page.getByText(
        "If you do nothing for 20 minutes, we will sign you out. Your work is saved. For your security, everyone must sign in again after 8 hours.",
      ),
    ).toBeVisible();
  });
});

test("with script it follows the session's own limits, in the page's language, and says nothing twice", async ({
  page,
  openDemo,
}) => {
  const demo = await openDemo({ CURFEW_IDLE: "10m" });
  await signIn(page, demo.url);
  await servePlainScript(page, demo.url, SCRIPT);
  // In front of the body, so that the element is known before the parser comes to it.
  const refused = await openPlainPage(
    page,
    demo.url,
    `<!doctype html><html lang="de"><title>Antrag</title><script src="/plain.js"></script><main><h1>Antrag</h1>
     <curfew-notice idle="20m" work="saved" lang="de" dir="ltr"><p>Wenn Sie 20 Minuten lang nichts tun, melden wir Sie ab.</p></curfew-notice></main>`,
  );
  await expect(page.locator("main")).toHaveText(
    "Antrag Wenn Sie 10 Minuten lang nichts tun, melden wir Sie ab. Ihre Eingaben sind gespeichert.",
  );
  expect(refused).toEqual([]);
});

test("an empty one fills itself, and speaks English where the words do not come", async ({
  page,
  openDemo,
}) => {
  const demo = await openDemo();
  await servePlainScript(page, demo.url, SCRIPT);
  await page.route("**/locales/*.json", (route) => route.abort());
  const refused = await openPlainPage(
    page,
    demo.url,
    '<!doctype html><html lang="de"><title>Antrag</title><script src="/plain.js"></script><main><curfew-notice idle="20m"></curfew-notice></main>',
  );
  const text = page.getByText("If you do nothing for 20 minutes, we will sign you out.");
  await expect(text).toBeVisible();
  await expect(text).toHaveAttribute("lang", "en");
  expect(refused).toEqual([]);
});
