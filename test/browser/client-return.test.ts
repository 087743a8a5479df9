/** A page, or a machine, that was away. */
import { beforeEach, describe, expect, test } from "vitest";
import { FakeBrowser, type Tab } from "./fake-browser.js";
import { settle } from "./fake-clock.js";

let browser: FakeBrowser;
let tab: Tab;
let sid: string;

beforeEach(async () => {
  browser = new FakeBrowser();
  sid = browser.server.signIn();
  tab = browser.openTab();
  await settle();
});

const status = () => tab.session.state.status;

describe("coming back", () => {
  test("counts no input after a sleep until the server has answered", async () => {
    await browser.clock.advance(5000);
    browser.clock.sleep(3_600_000);
    browser.server.offset += 3_600_000;
    tab.input();
    await settle();
    expect(browser.server.heartbeats).toEqual([]);
    expect(tab.session.state).toMatchObject({ status: "ended", reason: "idle" });
  });

  test("counts no input where the timer should have fired long ago", async () => {
    browser.clock.block(50_000);
    tab.input();
    await settle();
    expect(status()).toBe("warning");
    expect(browser.server.heartbeats).toEqual([]);
  });

  test("covers a page that is being kept and uncovers it on the server's word", async () => {
    tab.page({ type: "hide", persisted: true });
    expect(tab.covered).toBe(true);
    browser.server.isReachable = false;
    tab.page({ type: "show", persisted: true });
    await settle();
    expect(tab.covered).toBe(true);
    browser.server.isReachable = true;
    await browser.clock.advance(1000);
    expect(tab.covered).toBe(false);
  });

  test("shows a kept page no more once its session is over", async () => {
    tab.page({ type: "hide", persisted: true });
    browser.server.end(sid, "signed-out");
    browser.server.cookie = null;
    tab.page({ type: "show", persisted: true });
    await settle();
    expect([status(), tab.covered]).toEqual(["ended", true]);
  });

  test("is not misled by a person who sets the clock", async () => {
    browser.clock.wallOffset += 31_536_000_000;
    await browser.clock.advance(1000);
    tab.input();
    await settle();
    tab.input();
    await settle();
    expect(status()).toBe("active");
    browser.clock.wallOffset -= 63_072_000_000;
    await browser.clock.advance(1000);
    expect(tab.session.remaining()).toBeGreaterThan(50_000);
  });
});
