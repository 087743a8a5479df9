// The warning in the page's language, in real engines: with the script include, under a strict policy.
import { dialog, expect, signIn, test } from "./fixtures.js";
import { openPlainPage } from "./support/plain-page.js";

const ROOMY = { CURFEW_IDLE: "10s", CURFEW_WARNING: "8s" };
const pageIn = (lang: string, attributes = "") =>
  `<!doctype html><html lang="${lang}"><title>Page</title><script src="/curfew/curfew.js" defer ${attributes}></script><main><h1>Page</h1></main>`;

test("the script include speaks the page's language", async ({ page, openDemo }) => {
  const demo = await openDemo(ROOMY);
  await signIn(page, demo.url);
  const refused = await openPlainPage(page, demo.url, pageIn("pt"));
  await expect(dialog(page)).toBeVisible();
  await expect(dialog(page)).toHaveAccessibleName("Sua sessão será encerrada em breve");
  await expect(dialog(page).locator("[part=countdown] span")).toHaveText(/^\d+ segundos?$/);
  await expect(page.locator("curfew-warning")).toHaveAttribute("lang", "pt");
  expect(refused).toEqual([]);
});

test("Welsh is Welsh to the last word, also where the engine knows none", async ({ page, openDemo }) => {
  const demo = await openDemo(ROOMY);
  await signIn(page, demo.url);
  await openPlainPage(page, demo.url, pageIn("en", 'data-locale="cy"'));
  await expect(dialog(page)).toHaveAccessibleName("Byddwch yn cael eich allgofnodi cyn hir");
  await expect(dialog(page).locator("[part=countdown] span")).toHaveText(/^\d+ eiliad$/);
  await expect(dialog(page)).toHaveAccessibleDescription(/allgofnodi am \d\d:\d\d\.$/);
  await expect(page.locator("curfew-warning")).toHaveAttribute("lang", "cy");
});

test("where the words do not come the warning is there in time, in English", async ({ page, openDemo }) => {
  const demo = await openDemo(ROOMY);
  await signIn(page, demo.url);
  await page.route("**/locales/*.json", () => {}); // never answered
  await openPlainPage(page, demo.url, pageIn("ar"));
  await expect(dialog(page)).toHaveAccessibleName("You will be signed out soon");
  await expect(page.locator("curfew-warning")).toHaveAttribute("lang", "en");
  await expect(page.locator("curfew-warning")).toHaveAttribute("dir", "ltr");
});
