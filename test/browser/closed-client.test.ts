/** A client that was closed: it asks nothing more, and what was under way changes nothing. */
import { beforeEach, expect, test } from "vitest";
import type { Answer } from "../../src/browser/verifier/transport.js";
import { FakeBrowser } from "./fake-browser.js";
import { settle } from "./fake-clock.js";

const AWAY: Answer = { type: "unreachable", code: "unreachable", retryAfter: 0, cause: 503 };
const HOUR = 3_600_000;

let browser: FakeBrowser;

beforeEach(() => {
  browser = new FakeBrowser();
  browser.server.signIn();
});

test("asks no more where the question under way fails", async () => {
  browser.server.intercept = () => AWAY;
  const tab = browser.openTab();
  tab.session.close();
  await browser.clock.advance(HOUR);
  expect(browser.server.calls.length).toBeLessThanOrEqual(1);
});

test("asks no more between two tries, and not when it is told to", async () => {
  browser.server.intercept = () => AWAY;
  const tab = browser.openTab();
  await browser.clock.advance(5_000);
  tab.session.close();
  const asked = browser.server.calls.length;
  await tab.session.refresh();
  await browser.clock.advance(HOUR);
  expect(browser.server.calls.length).toBe(asked);
});

test("binds its key no more, neither now nor later", async () => {
  browser.server.intercept = (call) => (call === "key" ? AWAY : null);
  const tab = browser.openTab();
  await settle();
  expect(browser.server.countOf("key")).toBe(1);
  tab.session.close();
  await browser.clock.advance(HOUR);
  expect(browser.server.countOf("key")).toBe(1);
});

test("sends no heartbeat, whatever it still held", async () => {
  const tab = browser.openTab();
  await settle();
  tab.input("key");
  tab.session.close();
  await browser.clock.advance(30_000);
  expect(browser.server.calls.filter((call) => call === "heartbeat").length).toBeLessThanOrEqual(1);
});

test("takes an answer that comes afterwards for nothing: no state, no cover, no event", async () => {
  const tab = browser.openTab();
  let changes = 0;
  tab.session.subscribe(() => void changes++);
  tab.session.close();
  await settle();
  expect([tab.session.state.status, tab.covered, changes]).toEqual(["connecting", false, 0]);
});

test("leaves a page covered that was covered", async () => {
  const tab = browser.openTab();
  await settle();
  browser.server.end(browser.server.cookie ?? "", "revoked");
  await tab.session.refresh();
  expect(tab.covered).toBe(true);
  tab.session.close();
  await browser.clock.advance(HOUR);
  expect(tab.covered).toBe(true);
});

test("hears no more of the other tabs", async () => {
  const tab = browser.openTab();
  await settle();
  tab.session.close();
  const asked = browser.server.calls.length;
  browser.forge({ type: "absent" });
  await browser.clock.advance(HOUR);
  expect(browser.server.calls.length).toBe(asked);
});
