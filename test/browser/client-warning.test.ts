/** The warning, and the person's answer to it. */
import { beforeEach, describe, expect, test } from "vitest";
import type { CurfewError } from "../../src/browser/platform/error.js";
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
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "resolved",
    (error: CurfewError) => error.code,
  );

describe("the warning", () => {
  test("opens at its time to the millisecond, for the server has been asked ahead of it", async () => {
    const warnings: string[] = [];
    tab.session.on("warning", ({ state }) => warnings.push(state.status));
    await browser.clock.advance(36_150);
    expect(browser.server.countOf("session")).toBe(1);
    await browser.clock.advance(200);
    expect(browser.server.countOf("session")).toBe(2);
    await browser.clock.advance(2_399);
    expect([browser.server.countOf("session"), warnings]).toEqual([2, []]);
    await browser.clock.advance(1);
    await settle();
    expect(warnings).toEqual(["warning"]);
    expect(tab.session.remaining()).toBe(21_250);
  });

  test.each([300, 1_200, 3_000, 5_000])(
    "opens at its time where each answer takes %i ms from then on",
    async (delay) => {
      await browser.clock.advance(35_750);
      browser.server.delay = new Promise((go) => browser.clock.after(delay, () => go(null)));
      await browser.clock.advance(3_000);
      await settle();
      expect([status(), tab.session.remaining()]).toEqual(["warning", 21_250]);
    },
  );

  test("asks again as it opens, and closes where the server knows of later activity by then", async () => {
    await browser.clock.advance(38_500);
    browser.server.touch();
    await browser.clock.advance(1_500);
    await settle();
    expect(browser.server.countOf("session")).toBe(3);
    expect([status(), tab.session.remaining()]).toEqual(["active", 58_500]);
  });

  test("waits for an answer where the machine has slept since the question", async () => {
    await browser.clock.advance(38_000);
    browser.server.delay = new Promise((go) => browser.clock.after(6_500, () => go(null)));
    browser.clock.block(6_000);
    await browser.clock.advance(0);
    await settle();
    expect(status()).toBe("active");
    await browser.clock.advance(2_000);
    expect(status()).toBe("warning");
  });

  test("does not open where the server knows of later activity", async () => {
    await browser.clock.advance(30_000);
    browser.server.touch();
    await browser.clock.advance(15_000);
    expect(status()).toBe("active");
    expect(tab.session.remaining()).toBe(45_000);
  });

  test("opens all the same where the server cannot be asked", async () => {
    await browser.clock.advance(30_000);
    browser.server.isReachable = false;
    await browser.clock.advance(15_000);
    expect(tab.session.state).toMatchObject({ status: "warning", reachable: false });
  });

  test("is not answered by a bumped mouse", async () => {
    await browser.clock.advance(41_000);
    tab.input();
    await browser.clock.advance(5000);
    expect(status()).toBe("warning");
    expect(browser.server.heartbeats).toEqual([]);
  });

  test("is answered by any input where the policy says so", async () => {
    browser.server.dismissWarning = "activity";
    await browser.clock.advance(41_000);
    tab.input();
    await settle();
    expect(status()).toBe("active");
  });

  test("first sends what is held, then asks", async () => {
    await browser.clock.advance(20_000);
    browser.server.isReachable = false;
    tab.input();
    await browser.clock.advance(18_500);
    browser.server.calls.length = 0;
    browser.server.isReachable = true;
    await browser.clock.advance(2500);
    expect(browser.server.calls).toContain("heartbeat");
    expect(status()).toBe("active");
    expect(tab.session.remaining()).toBe(39_000);
  });
});

describe("extend", () => {
  test("is refused without a gesture", async () => {
    tab.isGesture = false;
    expect(await codeOf(tab.session.extend())).toBe("no-gesture");
    expect(browser.server.countOf("heartbeat")).toBe(0);
  });

  test("resolves with the server's answer, and only then closes the warning", async () => {
    await browser.clock.advance(45_000);
    const extending = tab.session.extend();
    expect(status()).toBe("warning");
    expect(await extending).toMatchObject({ status: "active" });
    expect(browser.server.heartbeats).toMatchObject([{ intent: "extend", activeAt: browser.server.now() }]);
    expect(tab.session.remaining()).toBe(60_000);
  });

  test("keeps the warning and says why where the server does not answer", async () => {
    await browser.clock.advance(45_000);
    browser.server.isReachable = false;
    expect(await codeOf(tab.session.extend())).toBe("unreachable");
    expect(status()).toBe("warning");
  });

  test("says that the session has ended", async () => {
    await browser.clock.advance(45_000);
    browser.server.end(sid, "revoked");
    expect(await codeOf(tab.session.extend())).toBe("session-ended");
    expect(tab.session.state).toMatchObject({ status: "ended", reason: "revoked" });
    expect(await codeOf(tab.session.extend())).toBe("session-ended");
  });
});
