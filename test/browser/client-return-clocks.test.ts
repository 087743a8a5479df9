/** Clocks that jump or stand still: what a tab believes until the server has spoken. */
import { beforeEach, describe, expect, test } from "vitest";
import { FakeBrowser, type Tab } from "./fake-browser.js";
import { settle } from "./fake-clock.js";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let browser: FakeBrowser;
let tab: Tab;

beforeEach(async () => {
  browser = new FakeBrowser();
  browser.server.signIn();
  tab = browser.openTab();
  await settle();
});

const status = () => tab.session.state.status;

/** A lid is closed: no timer runs, the wall clock and the server's go on, the monotonic clock stands still. */
function sleep(period: number): void {
  browser.clock.sleep(period);
  browser.server.offset += period;
}

describe("a machine that slept", () => {
  test("shows nothing of an ended session for longer than a few seconds, although nobody touches it", async () => {
    await browser.clock.advance(5000);
    sleep(8 * HOUR);
    await browser.clock.advance(15_000);
    expect(tab.session.state).toMatchObject({ status: "ended", reason: "idle" });
    expect(tab.covered).toBe(true);
  });

  test("warns in time after a nap, although nobody touches it", async () => {
    await browser.clock.advance(5000);
    sleep(30_000);
    await browser.clock.advance(10_000);
    expect(status()).toBe("warning");
  });

  test("counts no input where it fell asleep over the question before a warning", async () => {
    await browser.clock.advance(37_400);
    let answer = () => {};
    const waiting = new Promise<void>((resolve) => {
      answer = resolve;
    });

    browser.server.delay = waiting;
    await browser.clock.advance(200);
    expect(status()).toBe("active");
    browser.clock.block(12_000);
    tab.input();
    await settle();
    expect(browser.server.heartbeats).toEqual([]);
    answer();
    await settle();
    expect(browser.server.heartbeats).toEqual([]);
  });
});

describe("a person who sets the clock", () => {
  for (const [name, jump] of [
    ["an hour forward", HOUR],
    ["a day forward", DAY],
    ["an hour back", -HOUR],
    ["a day back", -DAY],
  ] as const)
    test(`${name} changes nothing but one question, and no input counts before it`, async () => {
      await browser.clock.advance(10_000);
      const asked = browser.server.countOf("session");
      browser.clock.wallOffset += jump;
      tab.input();
      expect(browser.server.heartbeats).toEqual([]);
      await settle();
      expect(status()).toBe("active");
      expect(tab.covered).toBe(false);
      expect(browser.server.heartbeats).toEqual([]);
      expect(browser.server.countOf("session")).toBe(asked + 1);
      tab.input();
      await settle();
      expect(browser.server.heartbeats).toHaveLength(1);
      await browser.clock.advance(38_500);
      expect(status()).toBe("active");
      await browser.clock.advance(2000);
      expect(status()).toBe("warning");
    });
});

test("does not warn at once where the deadline lies beyond what a browser's timer can hold", async () => {
  const patient = new FakeBrowser();
  Object.assign(patient.server, { idleTimeout: 30 * DAY, absoluteTimeout: 60 * DAY });
  patient.server.signIn();
  const long = patient.openTab();
  await patient.clock.advance(60_000);
  expect(long.session.state.status).toBe("active");
  expect(patient.server.countOf("session")).toBe(1);
});

test("leaves what a freezing page could not report to the next one, for it may be discarded", async () => {
  await browser.clock.advance(10_000);
  browser.server.isReachable = false;
  tab.input();
  const activeAt = browser.server.now();
  await settle();
  tab.page({ type: "freeze" });
  browser.server.isReachable = true;
  browser.openTab();
  await browser.clock.advance(100);
  expect(browser.server.heartbeats.map((beat) => beat.activeAt)).toContain(activeAt);
});
