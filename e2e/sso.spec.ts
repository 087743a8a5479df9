import type { Page } from "@playwright/test";
import type { SessionClient } from "curfew";
import { test as base, dialog, expect, expectAnswerable, paced, wait } from "./fixtures.js";
import { pacedText } from "./pace.js";
import { openSsoApp, openSsoGroup, type SsoApp, type SsoGroup } from "./support/sso-app.js";

const test = base.extend<{ readonly app: SsoApp }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixture's needs from this pattern
  app: async ({}, use) => {
    const app = await openSsoApp({ idle: pacedText("6s"), warning: pacedText("2s") });
    await use(app);
    await app.close();
  },
});

const hello = (page: Page) => page.getByRole("heading", { name: "Hello, ann" });
const password = (page: Page) => page.getByRole("heading", { name: "Your name and password, please" });

/** Signs in by the provider, which from then on has a session of its own. */
async function signIn(page: Page, app: SsoApp): Promise<void> {
  await page.goto(`${app.url}/`);
  await page.getByLabel("Name").fill("ann");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(hello(page)).toBeVisible();
}

/** The same, and lets the app's session end by idle. */
async function endByIdle(page: Page, app: SsoApp): Promise<void> {
  await signIn(page, app);
  await expect.poll(() => app.sessions.list("ann")).toEqual([]);
}

/** Nobody is in, and the provider asked for a password because the app asked for that. */
async function expectAsked(page: Page, app: SsoApp): Promise<void> {
  await expect(password(page)).toBeVisible();
  expect(app.asked.at(-1)?.get("prompt")).toBe("login");
  expect(app.asked.at(-1)?.get("max_age")).toBe("0");
  expect(await app.sessions.list("ann")).toEqual([]);
}

test("after an idle end the dialog's way to sign in leads to the provider's password, and with it back in", async ({
  page,
  context,
  app,
}) => {
  await endByIdle(page, app);
  expect(app.asked[0]?.get("max_age")).toBe("3600");
  await expect(dialog(page)).toContainText("We signed you out");
  await expectAnswerable(page);
  const opened = context.waitForEvent("page");
  await dialog(page).getByRole("link", { name: "Sign in again" }).click();
  const tab = await opened;
  await expectAsked(tab, app);
  expect(app.refusals()).toEqual([]);
  await tab.getByLabel("Name").fill("ann");
  await tab.getByRole("button", { name: "Sign in" }).click();
  await expect(hello(tab)).toBeVisible();
});

test("after an idle end a browser that has lost the app's cookie is known by the provider's session", async ({
  page,
  context,
  app,
}) => {
  await endByIdle(page, app);
  await context.clearCookies({ name: "curfew" });
  await page.goto(`${app.url}/`);
  await expectAsked(page, app);
  expect(app.refusals()).toEqual(["provider"]);
});

test("after an idle end another tab of the browser is asked for a password", async ({
  page,
  context,
  app,
}) => {
  await endByIdle(page, app);
  const other = await context.newPage();
  await other.goto(`${app.url}/other`);
  await expectAsked(other, app);
});

test("after an idle end the back button brings nobody in: neither to the page nor from the provider's form", async ({
  page,
  app,
}) => {
  await endByIdle(page, app);
  await page.goto("about:blank");
  await page.goBack();
  // The page that the browser has kept is covered; one that it asks for anew leads to the provider.
  await expect(dialog(page).or(password(page))).toBeVisible();
  await page.goto(`${app.url}/other`);
  await expectAsked(page, app);
  await page.goBack();
  await expect(dialog(page).or(password(page))).toBeVisible();
  await expect(hello(page)).toBeHidden();
  expect(await app.sessions.list("ann")).toEqual([]);
});

/** Signs in to both apps, each in a tab of its own: for the second the provider asks nobody. */
async function signInToBoth(page: Page, group: SsoGroup): Promise<readonly [Page, Page]> {
  const [mail, crm] = group.apps;
  await page.goto(`${mail?.url}/`);
  await page.getByLabel("Name").fill("ann");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(hello(page)).toBeVisible();
  const other = await page.context().newPage();
  await other.goto(`${crm?.url}/`);
  await expect(hello(other)).toBeVisible();
  return [page, other];
}

test("a person who signs out at the provider finds the tabs of both apps covered", async ({
  page,
  context,
}) => {
  const group = await openSsoGroup({ idle: "15m", warning: "2m" });
  const tabs = await signInToBoth(page, group);
  const leaving = await context.newPage();
  await leaving.goto(group.signOutUrl);
  await leaving.getByRole("button", { name: "Yes, sign me out" }).click();
  for (const { sessions } of group.apps) await expect.poll(() => sessions.list("ann")).toEqual([]);
  for (const tab of tabs) {
    await tab.bringToFront();
    await expect(dialog(tab).getByRole("link", { name: "Sign in again" })).toBeVisible();
  }
  await page.goto(`${group.apps[0]?.url}/`);
  await expect(password(page)).toBeVisible();
  await group.close();
});

test("the app that a person does not use warns of nothing and stays signed in while they use the other", async ({
  page,
}) => {
  // A warning is due after 8 s: time enough for a slow page's first heartbeat to come to the other app.
  const group = await openSsoGroup({ idle: pacedText("12s"), warning: pacedText("4s") });
  const [mail, crm] = await signInToBoth(page, group);
  await crm.evaluate(() => {
    const { session } = (window as unknown as { Curfew: { session: SessionClient } }).Curfew;
    session.on("warning", () => document.documentElement.setAttribute("data-warned", ""));
  });
  const began = Date.now();
  await mail.bringToFront();
  for (let step = 0; Date.now() < began + paced(13_000); step++) {
    await mail.mouse.move(100 + (step % 50), 100 + (step % 30));
    await wait(100);
  }
  expect(await crm.evaluate(() => document.documentElement.hasAttribute("data-warned"))).toBe(false);
  for (const { sessions } of group.apps) expect(await sessions.list("ann")).toHaveLength(1);
  await expect(hello(crm)).toBeVisible();
  // Nobody moves any more: both warn, and both end.
  for (const { sessions } of group.apps) await expect.poll(() => sessions.list("ann")).toEqual([]);
  expect(await crm.evaluate(() => document.documentElement.hasAttribute("data-warned"))).toBe(true);
  await group.close();
});
