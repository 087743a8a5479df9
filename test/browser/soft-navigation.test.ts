/** Signing in and out without a page load: what makes the client ask, how often, and what stays covered. */
import { beforeEach, expect, test } from "vitest";
import { FakeBrowser, type Tab } from "./fake-browser.js";
import { settle } from "./fake-clock.js";

let browser: FakeBrowser;
let tab: Tab;

beforeEach(async () => {
  browser = new FakeBrowser();
});

async function openSignedOut(): Promise<void> {
  tab = browser.openTab();
  tab.address = "/login";
  await settle();
  expect(tab.session.state).toEqual({ status: "absent" });
}

async function openSignedIn(): Promise<string> {
  const sid = browser.server.signIn();
  tab = browser.openTab();
  tab.address = "/records";
  await settle();
  return sid;
}

function goTo(address: string): void {
  tab.address = address;
  tab.page({ type: "address" });
}

test.each([
  ["the address changes", { type: "address" }],
  ["a form was sent and a script was answered", { type: "answered" }],
  ["the page comes into view", { type: "visible" }],
] as const)(
  "a sign-in without a page load is noticed when %s, and its key is bound",
  async (_name, event) => {
    await openSignedOut();
    browser.server.signIn();
    tab.page(event);
    await settle();
    expect(tab.session.state.status).toBe("active");
    expect(browser.server.countOf("key")).toBe(1);
  },
);

test("asks nothing where the address of a live session changes", async () => {
  await openSignedIn();
  const asked = browser.server.calls.length;
  for (let at = 0; at < 100; at++) goTo(`/records/${at}`);
  await settle();
  expect(browser.server.calls.length).toBe(asked);
});

test("asks ever more seldom where nobody is signed in and the address changes with each key", async () => {
  await openSignedOut();
  const asked = browser.server.calls.length;
  for (let at = 0; at < 600; at++) {
    goTo(`/search?at=${at}`);
    await browser.clock.advance(100);
  }
  expect(browser.server.calls.length - asked).toBeLessThanOrEqual(10);
});

test("after a sign-out by the app the page of the sign-in is not covered, whichever is heard of first", async () => {
  for (const isEndFirst of [true, false]) {
    browser = new FakeBrowser();
    const sid = await openSignedIn();
    browser.server.end(sid, "signed-out");
    if (isEndFirst) {
      await tab.session.refresh();
      expect([tab.session.state.status, tab.covered]).toEqual(["ended", true]);
    }
    goTo("/login");
    await settle();
    expect([tab.session.state.status, tab.covered]).toEqual(["absent", false]);
  }
});

test("covers again what the page shows elsewhere, such as records that a framework had kept", async () => {
  const sid = await openSignedIn();
  browser.server.end(sid, "signed-out");
  goTo("/login");
  await settle();
  goTo("/records");
  expect(tab.covered).toBe(true);
  await settle();
  expect([tab.session.state.status, tab.covered]).toEqual(["ended", true]);
});

test("covers it too where the server does not say who is signed in now", async () => {
  const sid = await openSignedIn();
  browser.server.end(sid, "signed-out");
  goTo("/login");
  await settle();
  browser.server.isReachable = false;
  goTo("/records");
  await settle();
  expect([tab.session.state.status, tab.covered]).toEqual(["ended", true]);
});

test("covers a page at the sign-in's address where a live session was seen there", async () => {
  const sid = await openSignedIn();
  goTo("/login");
  await settle();
  browser.server.end(sid, "signed-out");
  await tab.session.refresh();
  expect([tab.session.state.status, tab.covered]).toEqual(["ended", true]);
});

test("says why where the session ended otherwise, wherever the page stands", async () => {
  const sid = await openSignedIn();
  browser.server.end(sid, "revoked");
  goTo("/login");
  await settle();
  expect([tab.session.state, tab.covered]).toMatchObject([{ status: "ended", reason: "revoked" }, true]);
});

test("goes on with the next sign-in of the same person", async () => {
  const sid = await openSignedIn();
  browser.server.end(sid, "signed-out");
  goTo("/login");
  await settle();
  // Tries that failed, each of which the page has drawn anew.
  for (let at = 0; at < 4; at++) goTo("/login");
  await settle();
  const said: string[] = [];
  tab.session.subscribe(() => void said.push(tab.session.state.status));
  browser.server.signIn();
  goTo("/records");
  await settle();
  expect([tab.session.state.status, tab.covered]).toEqual(["active", false]);
  expect(said).not.toContain("ended");
});
