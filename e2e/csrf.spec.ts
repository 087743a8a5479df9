import type { Page } from "@playwright/test";
import { test as base, dialog, expect, statusOf, wait } from "./fixtures.js";
import { pacedText } from "./pace.js";
import { type CsrfApp, openCsrfApp } from "./support/csrf-app.js";

const test = base.extend<{ readonly app: CsrfApp }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixture's needs from this pattern
  app: async ({}, use) => {
    const app = await openCsrfApp({ idle: pacedText("9s"), warning: pacedText("2s") });
    await use(app);
    await app.close();
  },
});

/** Opens the form, writes in it, lets the session end, and signs in again in another tab. */
async function signInAgain(page: Page, { url }: CsrfApp, query = ""): Promise<void> {
  await page.goto(`${url}/enter`);
  await page.goto(`${url}/claim?${query}`);
  await expect.poll(async () => (await statusOf(page)).key).not.toBeNull();
  await page.getByLabel("story").pressSequentially("It was a storm");
  await page.evaluate(() => {
    const heard: unknown[] = [];
    Object.assign(globalThis, { heard });
    for (const type of ["curfew-uncovered", "curfew-csrf-renewed"])
      document.addEventListener(type, (event) => {
        heard.push([type, event.composed, { ...(event as CustomEvent).detail }]);
      });
  });
  await expect(dialog(page)).toContainText("What you wrote is still on this page.");
  const other = await page.context().newPage();
  await other.goto(`${url}/enter`);
  await page.bringToFront();
  await expect(page.getByLabel("story")).toBeVisible();
}

const heardIn = (page: Page) => page.evaluate("heard") as Promise<unknown[]>;
const sentIn = (page: Page) =>
  page.waitForResponse(
    (response) => new URL(response.url()).pathname === "/claim" && response.request().method() === "POST",
  );
const save = (page: Page) => page.getByRole("button", { name: "Save" }).click();

test("without a renewal the text is there, as the end has said, and the form's token is dead", async ({
  page,
  app,
}) => {
  await signInAgain(page, app, "scripts=curfew");
  await expect(page.getByLabel("story")).toHaveValue("It was a storm");
  const answer = sentIn(page);
  await save(page);
  expect((await answer).status()).toBe(403);
  expect(app.saved).toEqual([]);
});

test("after a sign-in beside the page its form goes through, under a policy that lets no script parse a text", async ({
  page,
  app,
}) => {
  const said: string[] = [];
  page.on("console", (message) => void said.push(message.text()));
  page.on("pageerror", ({ message }) => void said.push(message));
  await signInAgain(page, app);
  const { sid } = (await statusOf(page)) as { readonly sid: string };
  await expect
    .poll(() => heardIn(page))
    .toEqual([
      ["curfew-uncovered", true, { sameSubject: true, sid }],
      ["curfew-csrf-renewed", false, { tokens: 5 }],
    ]);
  await save(page);
  await expect(page.getByRole("heading", { name: "Saved" })).toBeVisible();
  expect(app.saved).toEqual(["It was a storm pressed"]);
  expect(said.filter((text) => /TrustedHTML|csrf|policy/i.test(text))).toEqual([]);
});

test("each form gets its own token, and what the page marks is renewed too", async ({ page, app }) => {
  await signInAgain(page, app);
  await expect.poll(async () => (await heardIn(page)).length).toBe(2);
  const tokenIn = (selector: string) =>
    page.locator(selector).evaluate((token) => token.getAttribute("value"));
  const token = await tokenIn("[name=_csrf]");
  expect(await tokenIn("[action='/claim/other'] input")).toBe(`other ${token}`);
  expect(await tokenIn("[action='/claim/third'] input")).toBe(`third ${token}`);
  expect(await page.locator("[name=csrf-token]").getAttribute("content")).toBe(token);
  const cookies = await page.context().cookies();
  const id = decodeURIComponent(cookies.find(({ name }) => name === "connect.sid")?.value ?? "");
  expect(id).toContain((await page.locator("[name=mine]").getAttribute("content")) ?? "nothing");
});

test("a form that is sent while the token is on its way waits for it", async ({ page, app }) => {
  await page.route(/\/claim\?slow$/, async (route, request) => {
    if (!request.isNavigationRequest()) await wait(1500);
    await route.continue();
  });
  await signInAgain(page, app, "slow");
  await save(page);
  await expect(page.getByRole("heading", { name: "Saved" })).toBeVisible();
  expect(app.saved).toEqual(["It was a storm pressed"]);
});

for (const [from, why] of [
  ["/claim/away", /led to .*\/login/],
  ["/claim/nowhere", /answered 404/],
  ["https://evil.example/", /another origin/],
] as const)
  test(`where ${from} gives no token the console says why, and the form still goes out`, async ({
    page,
    app,
  }) => {
    const said: string[] = [];
    page.on("console", (message) => void said.push(message.text()));
    await signInAgain(page, app, `from=${encodeURIComponent(from)}`);
    await expect.poll(() => said.join("\n")).toMatch(why);
    const answer = sentIn(page);
    await save(page);
    expect((await answer).status()).toBe(403);
  });
