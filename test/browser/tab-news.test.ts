/** What tabs tell one another, and how little a message can do. */
import { beforeEach, expect, test } from "vitest";
import { parseTabMessage } from "../../src/browser/tabs/group.js";
import { FakeBrowser, type Tab } from "./fake-browser.js";
import { settle } from "./fake-clock.js";

let browser: FakeBrowser;
let one: Tab;
let other: Tab;
let sid: string;

beforeEach(async () => {
  browser = new FakeBrowser();
  sid = browser.server.signIn();
  one = browser.openTab();
  other = browser.openTab();
  await settle();
  await settle();
});

test("carries activity to the other tabs without a question", async () => {
  await browser.clock.advance(10_000);
  const asked = browser.server.countOf("session");
  one.input();
  await settle();
  expect(other.session.remaining()).toBe(60_000);
  expect(browser.server.countOf("session")).toBe(asked);
});

test("carries an extension to the tabs that warn", async () => {
  await browser.clock.advance(45_000);
  expect([one.session.state.status, other.session.state.status]).toEqual(["warning", "warning"]);
  await one.session.extend();
  await settle();
  expect(other.session.state.status).toBe("active");
});

test("carries a sign-out, which the other tab confirms with the server", async () => {
  const asked = browser.server.countOf("session");
  await one.session.end();
  await settle();
  expect(other.session.state).toMatchObject({ status: "ended", reason: "signed-out" });
  expect(other.covered).toBe(true);
  expect(browser.server.countOf("session")).toBeGreaterThan(asked);
});

test("carries a new sign-in of the same person: the other tab uncovers where it was", async () => {
  await one.session.end();
  await settle();
  browser.server.signIn("ada");
  browser.openTab();
  await browser.clock.advance(5000);
  expect([other.session.state.status, other.covered, other.reloads]).toEqual(["active", false, 0]);
});

test("carries the sign-in of another person: the other tab reloads", async () => {
  await one.session.end();
  await settle();
  browser.server.signIn("bob");
  browser.openTab();
  await browser.clock.advance(5000);
  expect(other.session.state.status).toBe("ended");
  expect(other.reloads).toBeGreaterThan(0);
});

test("carries a sign-in to a tab where nobody was signed in", async () => {
  const fresh = new FakeBrowser();
  const waiting = fresh.openTab();
  await settle();
  expect(waiting.session.state.status).toBe("absent");
  fresh.server.signIn();
  fresh.openTab();
  await settle();
  expect(waiting.session.state.status).toBe("active");
});

test("ends nothing on a forged message, and asks ever more seldom", async () => {
  const asked = browser.server.countOf("session");
  for (let second = 0; second < 30; second++) {
    browser.forge({ type: "ended", sid, reason: "revoked" });
    await browser.clock.advance(1000);
  }
  expect(one.session.state.status).toBe("active");
  expect((browser.server.countOf("session") - asked) / 2).toBeLessThanOrEqual(7);
});

test("warns on time although a forged message promises activity", async () => {
  for (let second = 0; second < 41; second++) {
    const now = browser.server.now();
    browser.forge({ type: "active", sid, now, activeAt: now });
    await browser.clock.advance(1000);
  }
  expect(one.session.state.status).toBe("warning");
});

test("takes no news from the future and none of another session", async () => {
  await browser.clock.advance(10_000);
  const now = browser.server.now();
  browser.forge({ type: "active", sid, now: now + 86_400_000, activeAt: now + 86_400_000 });
  browser.forge({ type: "active", sid: "sid-of-mallory", now, activeAt: now });
  expect(one.session.remaining()).toBe(50_000);
});

test("leaves the tabs while the page is kept, so that no message evicts it", async () => {
  one.page({ type: "hide", persisted: true });
  await browser.clock.advance(10_000);
  other.input();
  await settle();
  expect(one.session.remaining()).toBe(50_000);
  one.page({ type: "show", persisted: true });
  await settle();
  expect(one.session.remaining()).toBe(60_000);
});

test("reads only what is a message of ours", () => {
  const active = { type: "active", sid, now: 2, activeAt: 1 };
  expect(parseTabMessage({ ...active, unknown: "ignored" })).toEqual(active);
  for (const value of [
    null,
    "active",
    {},
    { ...active, sid: 1 },
    { ...active, now: "2" },
    { ...active, activeAt: -1 },
    { ...active, now: Number.NaN },
    { type: "ended", sid, reason: "because" },
    { type: "status", sid },
  ])
    expect(parseTabMessage(value)).toBeNull();
});
