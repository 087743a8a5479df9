/** Pages that are kept for the back button, frozen, discarded, left by a download: Curfew survives each and stands in the way of none. */
import type { BrowserContext, CDPSession, Page } from "@playwright/test";
import { dialog, expect, SHORT, signIn } from "./fixtures.js";
import { test as base } from "./real-tabs.js";
import { type KeepableDemo, openKeepable } from "./support/tabs-keepable.js";
import { beActive, countOf, moveMouse, noteAnswers, serverView } from "./support/tabs-server.js";

/** Opens a demo whose pages a browser may keep; closed after the test. */
const test = base.extend<{
  openApp: (environment: Readonly<Record<string, string>>) => Promise<KeepableDemo>;
}>({
  openApp: async ({ openDemo }, use) => {
    const closings: (() => Promise<void>)[] = [];
    await use(async (environment) => {
      const demo = await openDemo(environment);
      const app = await openKeepable(demo.url);
      closings.push(app.close);
      return app;
    });
    for (const close of closings) await close();
  },
});

const LONG = { CURFEW_IDLE: "75s", CURFEW_WARNING: "25s", CURFEW_HEARTBEAT: "200ms" };

/** Signs in on a page that notes whether it was kept. */
async function openPage(tabs: BrowserContext, url: string): Promise<Page> {
  const page = await tabs.newPage();
  await page.route(/\/(api\/notes|audit)\b/, (route) => route.abort());
  await signIn(page, url);
  await page.evaluate(() => {
    addEventListener("pageshow", ({ persisted }) => Reflect.set(window, "wasKept", persisted));
  });
  return page;
}

async function leave(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/assets/demo.css`);
}

/** From inside the page: the test tool's own goBack() waits for a load that a kept page never has. */
async function goBack(page: Page): Promise<void> {
  const arrived = page.waitForEvent("framenavigated").catch(() => null);
  await page.evaluate(() => void setTimeout(() => history.back(), 0));
  await arrived;
  await expect.poll(() => page.evaluate(() => document.readyState)).toBe("complete");
}

const wasKept = (page: Page) => page.evaluate(() => Reflect.get(window, "wasKept") === true);

test("a page with an open client is kept for the back button, and goes on where it was", async ({
  tabs,
  openApp,
}) => {
  const { url } = await openApp(LONG);
  const page = await openPage(tabs, url);
  const ask = await serverView(page);
  const before = await beActive(page, ask);
  await leave(page, url);
  await goBack(page);
  expect(await wasKept(page)).toBe(true);
  await expect(page.getByTestId("sign-out")).toBeVisible();
  expect((await ask()).lastActiveAt).toBeGreaterThanOrEqual(before.lastActiveAt);
  const after = await beActive(page, ask);
  expect(after.lastActiveAt).toBeGreaterThan(before.lastActiveAt);
});

test("a kept page is not thrown out by the other tabs' messages, heartbeats and locks", async ({
  tabs,
  openApp,
}) => {
  const { url } = await openApp(LONG);
  const page = await openPage(tabs, url);
  const ask = await serverView(page);
  await beActive(page, ask);
  const other = await tabs.newPage();
  await other.goto(url);
  await expect(other.getByTestId("state")).toHaveText("active");
  await page.bringToFront();
  await moveMouse(page);
  await leave(page, url);
  await other.bringToFront();
  for (let round = 0; round < 3; round++) await beActive(other, ask);
  await page.bringToFront();
  await goBack(page);
  expect(await wasKept(page)).toBe(true);
  await expect(page.getByTestId("state")).toHaveText("active");
});

test("a page that is left by a click, with its heartbeat under way, is kept although the next page speaks to the server", async ({
  tabs,
  openApp,
}) => {
  const app = await openApp(LONG);
  const page = await openPage(tabs, app.url);
  const ask = await serverView(page);
  const before = await beActive(page, ask);
  app.delay = 1_500;
  const sent = page.waitForRequest("**/curfew/heartbeat");
  await moveMouse(page);
  await sent;
  await page.goto(`${app.url}/react`);
  await expect(page.getByTestId("state")).toHaveText("active");
  app.delay = 0;
  await moveMouse(page);
  const after = await beActive(page, ask);
  expect(after.lastActiveAt).toBeGreaterThan(before.lastActiveAt);
  await goBack(page);
  expect(await wasKept(page)).toBe(true);
  await expect(page.getByTestId("state")).toHaveText("active");
  await beActive(page, ask);
});

test("a kept page still ends: no more than one question after it comes back", async ({ tabs, openApp }) => {
  const { url } = await openApp(SHORT);
  const page = await openPage(tabs, url);
  const ask = await serverView(page);
  await beActive(page, ask);
  await leave(page, url);
  await goBack(page);
  expect(await wasKept(page)).toBe(true);
  await expect(dialog(page)).toBeVisible();
  const { expiresAt } = await ask();
  await expect(page.getByTestId("state")).toHaveText("ended");
  expect(await ask()).toMatchObject({ reason: "idle", endedAt: expiresAt });
});

test("a link that downloads leaves the page alive: it warns and ends", async ({ tabs, openApp }) => {
  const { url } = await openApp(SHORT);
  const page = await openPage(tabs, url);
  const ask = await serverView(page);
  await page.evaluate(() => {
    addEventListener("beforeunload", () => Reflect.set(window, "wasLeaving", true));
    const link = document.createElement("a");
    link.href = "/a-file-to-keep";
    link.textContent = "Save";
    link.dataset.testid = "download";
    document.body.prepend(link);
  });
  await page.route("**/a-file-to-keep", (route) =>
    route.fulfill({ headers: { "Content-Disposition": "attachment; filename=notes.txt" }, body: "notes" }),
  );
  const clickedAt = Date.now();
  await page.getByTestId("download").click();
  await expect.poll(() => page.evaluate(() => Reflect.get(window, "wasLeaving"))).toBe(true);
  await expect.poll(async () => (await ask()).lastActiveAt).toBeGreaterThan(clickedAt);
  await expect(dialog(page)).toBeVisible();
  await expect(page.getByTestId("state")).toHaveText("ended");
  expect(await ask()).toMatchObject({ reason: "idle" });
});

test("a frozen page is told the truth by one answer when it thaws, and no input counts before it", async ({
  tabs,
  openApp,
}) => {
  const { url } = await openApp({ CURFEW_IDLE: "5s", CURFEW_WARNING: "2s", CURFEW_HEARTBEAT: "200ms" });
  const page = await openPage(tabs, url);
  const ask = await serverView(page);
  const { expiresAt } = await beActive(page, ask);
  const front = await tabs.newPage();
  await front.goto(`${url}/assets/demo.css`);
  await front.bringToFront();
  const cdp = await tabs.newCDPSession(page);
  await setFrozen(cdp, true);
  await expect.poll(async () => (await ask()).reason).toBe("idle");
  const answers = noteAnswers(page);
  await setFrozen(cdp, false);
  await page.bringToFront();
  await moveMouse(page);
  await moveMouse(page);
  await expect(dialog(page)).toContainText("We signed you out");
  expect(countOf(answers, "heartbeat")).toBe(0);
  expect(await ask()).toMatchObject({ reason: "idle", endedAt: expiresAt });
});

test("a page that froze while it was active does not silence the tab in the person's hands", async ({
  tabs,
  openApp,
}) => {
  const { url } = await openApp({ CURFEW_IDLE: "20s", CURFEW_WARNING: "5s", CURFEW_HEARTBEAT: "200ms" });
  const page = await openPage(tabs, url);
  const ask = await serverView(page);
  await beActive(page, ask);
  const other = await tabs.newPage();
  await other.goto(url);
  await expect(other.getByTestId("state")).toHaveText("active");
  await other.bringToFront();
  const cdp = await tabs.newCDPSession(page);
  await setFrozen(cdp, true);
  for (let round = 0; round < 3; round++) await beActive(other, ask);
  await expect(dialog(other)).toBeVisible();
  await setFrozen(cdp, false);
});

test("no worker is made, and no content security policy is broken", async ({ tabs, openApp }) => {
  const { url } = await openApp(SHORT);
  const page = await tabs.newPage();
  const made: string[] = [];
  page.on("worker", (worker) => made.push(worker.url()));
  await page.addInitScript(() => {
    const broken: string[] = [];
    Reflect.set(window, "brokenPolicies", broken);
    addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
      broken.push(`${violatedDirective} ${blockedURI}`),
    );
  });
  await signIn(page, url);
  const policy = (await (await fetch(`${url}/login`)).headers.get("content-security-policy")) ?? "";
  expect(policy).toContain("default-src 'self'");
  expect(policy).toContain("require-trusted-types-for 'script'");
  await expect(page.getByTestId("state")).toHaveText("ended");
  await expect(dialog(page)).toBeVisible();
  expect(await page.evaluate(() => Reflect.get(window, "brokenPolicies"))).toEqual([]);
  expect(made).toEqual([]);
});

async function setFrozen(cdp: CDPSession, isFrozen: boolean): Promise<void> {
  await cdp.send("Page.setWebLifecycleState", { state: isFrozen ? "frozen" : "active" });
}
