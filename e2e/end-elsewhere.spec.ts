/** An end that happens elsewhere: an idle page in sight is covered within seconds, and asks for nothing meanwhile. */
import type { BrowserContext, Page } from "@playwright/test";
import { test as base, dialog, expect, paced } from "./fixtures.js";
import { openQuietApp, type QuietApp, type QuietAppOptions } from "./support/quiet-app.js";
import { noteStates, toldAt } from "./support/tabs-server.js";

const test = base.extend<{ openApp: (options?: QuietAppOptions) => Promise<QuietApp> }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixture's needs from this pattern
  openApp: async ({}, use) => {
    const apps: QuietApp[] = [];
    await use(async (options) => {
      const app = await openQuietApp(options);
      apps.push(app);
      return app;
    });
    for (const app of apps) await app.close();
  },
});

/** The longest that a page in sight may show what has ended. */
const REACH = 10_000;

/** Signs in on a first page, opens the others, and waits until the stream stands and nothing is under way. */
async function openPages(context: BrowserContext, app: QuietApp, count = 1): Promise<Page[]> {
  const pages: Page[] = [];
  for (let at = 0; at < count; at++) {
    const page = await context.newPage();
    await page.goto(at === 0 ? `${app.url}/in` : app.url);
    await expect.poll(() => page.evaluate("Curfew.session.state.keyStore")).toBe("indexeddb");
    await noteStates(page);
    pages.push(page);
  }
  await expect.poll(() => app.streams.open).toBe(1);
  return pages;
}

function firstOf<T>(list: readonly T[]): T {
  const [first] = list;
  if (first === undefined) throw new Error("there is none");
  return first;
}

async function expectCovered(page: Page, endedAt: number | undefined): Promise<void> {
  const late = (await toldAt(page, "ended")) - (endedAt ?? Number.NaN);
  expect(late).toBeLessThan(REACH);
  await expect(page.locator("#secret")).not.toBeVisible();
  await expect(dialog(page)).toBeVisible();
}

test("an end by the server covers an idle page in sight", async ({ context, openApp }) => {
  const app = await openApp();
  const page = firstOf(await openPages(context, app));
  const asked = app.questions();
  const sid = firstOf(app.sids);
  await app.sessions.end(sid);
  await expectCovered(page, app.endedAt.get(sid));
  expect(app.streams).toEqual({ open: 0, opened: 1, refused: 0 });
  // The end is asked for twice, as it is not expected.
  expect(app.questions() - asked).toBeLessThanOrEqual(3);
});

test("a sign-out of all devices on another one covers an idle page in sight", async ({
  browser,
  context,
  openApp,
}) => {
  const app = await openApp();
  const page = firstOf(await openPages(context, app));
  const elsewhere = await browser.newContext();
  const other = await elsewhere.newPage();
  await other.goto(`${app.url}/in`);
  await expect.poll(() => other.evaluate("Curfew.session.state.status")).toBe("active");
  await other.evaluate(`setTimeout(() => Curfew.session.end("subject").catch(() => {}), 0)`);
  await expect.poll(() => app.endedAt.get(firstOf(app.sids))).toBeDefined();
  await expectCovered(page, app.endedAt.get(firstOf(app.sids)));
  await elsewhere.close();
});

test("five tabs hold one connection, the next takes over when its tab is closed, and all are covered", async ({
  context,
  openApp,
}) => {
  const app = await openApp();
  const pages = await openPages(context, app, 5);
  expect(app.streams).toMatchObject({ open: 1, opened: 1 });
  await firstOf(pages).close();
  await expect.poll(() => app.streams.opened).toBe(2);
  await expect.poll(() => app.streams.open).toBe(1);
  const sid = firstOf(app.sids);
  await app.sessions.end(sid);
  for (const page of pages.slice(1)) await expectCovered(page, app.endedAt.get(sid));
  await expect.poll(() => app.streams.open).toBe(0);
});

test("a stream that stands extends nothing, asks nothing and leaves nothing in the console", async ({
  context,
  openApp,
}) => {
  const app = await openApp({ reach: "1s" });
  const page = firstOf(await openPages(context, app));
  const said: string[] = [];
  page.on("console", (message) => said.push(message.text()));
  const asked = app.questions();
  const before = await app.sessions.find(firstOf(app.sids));
  // Longer than the page would wait for a stream that says nothing.
  await new Promise((go) => setTimeout(go, 8_000));
  expect([app.questions() - asked, app.streams.opened, said]).toEqual([0, 1, []]);
  expect((await app.sessions.find(firstOf(app.sids)))?.lastActiveAt).toBe(before?.lastActiveAt);
});

test("where the verifier is full the page asks, and is covered all the same", async ({
  browser,
  context,
  openApp,
}) => {
  const app = await openApp({ reach: "1s", streams: 1 });
  const first = firstOf(await openPages(context, app));
  const elsewhere = await browser.newContext();
  const other = await elsewhere.newPage();
  await other.goto(`${app.url}/in`);
  await expect.poll(() => app.streams.refused).toBeGreaterThan(0);
  await noteStates(other);
  const sid = app.sids[1] ?? "";
  await app.sessions.end(sid);
  await expectCovered(other, app.endedAt.get(sid));
  expect(await first.evaluate("Curfew.session.state.status")).toBe("active");
  await elsewhere.close();
});

test("where a layer in front blocks the stream the page asks, once in a while", async ({
  context,
  openApp,
}) => {
  const app = await openApp({ reach: "1s" });
  await context.route("**/curfew/events", (route) => route.abort());
  const page = await context.newPage();
  await page.goto(`${app.url}/in`);
  await expect.poll(() => page.evaluate("Curfew.session.state.status")).toBe("active");
  await noteStates(page);
  const [asked, from] = [app.questions(), Date.now()];
  await expect.poll(() => app.questions() - asked).toBeGreaterThan(1);
  expect(Date.now() - from).toBeGreaterThan(4_000);
  const sid = firstOf(app.sids);
  await app.sessions.end(sid);
  await expectCovered(page, app.endedAt.get(sid));
});

test("a policy without reach has no stream, and the page learns of the end when it asks", async ({
  context,
  openApp,
}) => {
  const app = await openApp({ reach: false });
  const page = await context.newPage();
  await page.goto(`${app.url}/in`);
  await expect.poll(() => page.evaluate("Curfew.session.state.keyStore")).toBe("indexeddb");
  await app.sessions.end(firstOf(app.sids));
  await new Promise((go) => setTimeout(go, paced(2_000)));
  expect(app.streams.opened).toBe(0);
  expect(await page.evaluate("Curfew.session.state.status")).toBe("active");
  await page.evaluate("void Curfew.session.refresh()");
  await expect(dialog(page)).toBeVisible();
});
