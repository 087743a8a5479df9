/** How a page in sight learns of an end elsewhere: by one stream a browser, or by a question a minute. */
import { beforeEach, expect, test } from "vitest";
import { FakeBrowser, type Tab } from "./fake-browser.js";
import { settle } from "./fake-clock.js";

let browser: FakeBrowser;
let sid: string;

beforeEach(() => {
  browser = new FakeBrowser();
  browser.server.reach = 10_000;
  Object.assign(browser.server, { idleTimeout: 600_000, absoluteTimeout: 3_600_000 });
  sid = browser.server.signIn();
});

async function openTabs(count: number): Promise<Tab[]> {
  const tabs = Array.from({ length: count }, () => browser.openTab());
  await settle();
  return tabs;
}

async function openTab(): Promise<Tab> {
  const tab = browser.openTab();
  await settle();
  return tab;
}

/** A stream that stands says so every 20 s. */
async function pass(period: number): Promise<void> {
  for (let left = period; left > 0; left -= 20_000) {
    await browser.clock.advance(Math.min(left, 20_000));
    browser.news.keepAlive();
  }
}

async function hide(tab: Tab): Promise<void> {
  tab.isHidden = true;
  tab.page({ type: "hidden" });
  await settle();
}

async function show(tab: Tab): Promise<void> {
  tab.isHidden = false;
  tab.page({ type: "visible" });
  await settle();
}

test("covers an idle page when the stream tells of an end and the server says so too", async () => {
  const tab = await openTab();
  browser.server.end(sid, "revoked");
  browser.news.tell();
  await settle();
  expect(tab.session.state).toMatchObject({ status: "ended", reason: "revoked" });
  expect(tab.covered).toBe(true);
});

test("takes news for news: without the server's word nothing is covered, and no deadline moves", async () => {
  const tab = await openTab();
  const before = tab.session.state;
  const asked = browser.server.countOf("session");
  browser.news.tell();
  await settle();
  expect([tab.session.state, tab.covered]).toEqual([before, false]);
  expect(browser.server.countOf("session")).toBe(asked + 1);
});

test("asks nothing while its stream stands and says nothing", async () => {
  await openTab();
  const asked = browser.server.countOf("session");
  await pass(300_000);
  expect([browser.server.countOf("session"), browser.news.opened]).toEqual([asked, 1]);
});

test("holds one stream for five tabs, and an end covers them all", async () => {
  const tabs = await openTabs(5);
  expect([browser.news.open, browser.news.opened]).toEqual([1, 1]);
  browser.server.end(sid, "signed-out");
  browser.news.tell();
  await browser.clock.advance(3000);
  expect(tabs.map(({ covered }) => covered)).toEqual([true, true, true, true, true]);
  expect(browser.news.open).toBe(0);
});

test("leaves the stream to the next tab in sight when the page is hidden, left or closed", async () => {
  const [first, second, third] = await openTabs(3);
  if (first === undefined || second === undefined || third === undefined) throw new Error("no tabs");
  await hide(first);
  expect([browser.news.open, browser.news.opened]).toEqual([1, 2]);
  second.page({ type: "hide", persisted: true });
  await settle();
  expect([browser.news.open, browser.news.opened]).toEqual([1, 3]);
  third.session.close();
  await settle();
  expect(browser.news.open).toBe(0);
});

test("holds no stream while all pages are out of sight, and opens it when one comes back", async () => {
  const tab = await openTab();
  await hide(tab);
  const asked = browser.server.countOf("session");
  await browser.clock.advance(200_000);
  expect([browser.news.open, browser.server.countOf("session")]).toEqual([0, asked]);
  await show(tab);
  expect([browser.news.open, browser.news.opened]).toEqual([1, 2]);
});

test("closes the stream as the page is kept for the back button, and opens it as it comes back", async () => {
  const tab = await openTab();
  tab.page({ type: "hide", persisted: true });
  expect(browser.news.open).toBe(0);
  tab.page({ type: "show", persisted: true });
  await settle();
  expect([browser.news.open, browser.news.opened]).toEqual([1, 2]);
});

test("covers within a minute where no stream stands", async () => {
  browser.news.stands = false;
  const tab = await openTab();
  await browser.clock.advance(100_000);
  browser.server.end(sid, "revoked");
  await browser.clock.advance(60_000);
  expect([tab.session.state.status, tab.covered]).toEqual(["ended", true]);
});

test("asks once a minute and no more where no stream stands, and tries the stream each time", async () => {
  browser.news.stands = false;
  await openTab();
  const [asked, opened] = [browser.server.countOf("session"), browser.news.opened];
  await browser.clock.advance(330_000);
  expect(browser.server.countOf("session") - asked).toBe(6);
  expect(browser.news.opened - opened).toBe(6);
  expect(browser.news.open).toBe(1);
});

test("finds out within a minute that a stream has gone silent", async () => {
  const tab = await openTab();
  await pass(120_000);
  browser.news.stands = false;
  browser.server.end(sid, "revoked");
  await browser.clock.advance(60_000);
  expect([tab.session.state.status, tab.covered]).toEqual(["ended", true]);
});

test.each([
  ["the policy stops it", 0],
  ["the verifier is of an older release", 0],
])("neither listens nor asks where %s", async (_why, reach) => {
  browser.server.reach = reach;
  await openTab();
  const asked = browser.server.countOf("session");
  await browser.clock.advance(300_000);
  expect([browser.news.opened, browser.server.countOf("session")]).toEqual([0, asked]);
});

test("listens to nothing where nobody is signed in, and once the session is over", async () => {
  browser.server.cookie = null;
  const tab = await openTab();
  expect(browser.news.opened).toBe(0);
  browser.server.signIn();
  void tab.session.refresh();
  await settle();
  expect(browser.news.open).toBe(1);
  await browser.clock.advance(601_000);
  expect([tab.session.state.status, browser.news.open]).toEqual(["ended", 0]);
});

test("extends nothing, however much news there is", async () => {
  const tab = await openTab();
  for (let times = 0; times < 29; times++) {
    await browser.clock.advance(20_000);
    browser.news.tell();
    await settle();
  }
  expect(browser.server.heartbeats).toEqual([]);
  await browser.clock.advance(20_000);
  expect(tab.session.state).toMatchObject({ status: "ended", reason: "idle" });
});

test("asks soon where the policy wants it sooner", async () => {
  browser.server.reach = 1000;
  browser.news.stands = false;
  const tab = await openTab();
  browser.server.end(sid, "revoked");
  await browser.clock.advance(6000);
  expect(tab.covered).toBe(true);
});
