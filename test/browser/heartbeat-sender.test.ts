/** When a heartbeat goes out, and when none does. */
import { beforeEach, describe, expect, test } from "vitest";
import type { Answer } from "../../src/browser/verifier/transport.js";
import type { ActiveStatus } from "../../src/protocol/session-status.js";
import { FakeBrowser, type Tab } from "./fake-browser.js";
import { settle } from "./fake-clock.js";

let browser: FakeBrowser;
let tab: Tab;
beforeEach(async () => {
  browser = new FakeBrowser();
  browser.server.signIn();
  tab = browser.openTab();
  await settle();
  await browser.clock.advance(10_000);
});

const beats = () => browser.server.heartbeats;

describe("the first input after a quiet spell", () => {
  test("is reported at once, dated to the input", async () => {
    const inputAt = browser.server.now();
    tab.input("key");
    await settle();
    expect(beats()).toHaveLength(1);
    expect(beats()[0]).toMatchObject({
      activeAt: inputAt,
      intent: "activity",
      counts: { key: 1, pointer: 0 },
    });
  });

  test("waits for the rest of the interval where the next ones belong", async () => {
    tab.input();
    await settle();
    await browser.clock.advance(2000);
    const lastInputAt = browser.server.now();
    tab.input("wheel");
    await browser.clock.advance(3900);
    expect(beats()).toHaveLength(1);
    await browser.clock.advance(200);
    expect(beats()).toHaveLength(2);
    expect(beats()[1]).toMatchObject({ activeAt: lastInputAt, counts: { pointer: 0, wheel: 1 } });
  });
});

test("sends nothing while nobody does anything", async () => {
  await browser.clock.advance(25_000);
  expect(browser.server.countOf("heartbeat")).toBe(0);
});

test("sends one heartbeat in an interval, however many tabs see input", async () => {
  const others = [browser.openTab(), browser.openTab()];
  await settle();
  for (let step = 0; step < 30; step++) {
    for (const each of [tab, ...others]) each.input();
    await browser.clock.advance(1000);
  }
  expect(beats().length).toBeGreaterThanOrEqual(5);
  expect(beats().length).toBeLessThanOrEqual(6);
  expect(browser.server.refusals).toEqual([]);
});

test("sends no more than the server takes, however often the page is hidden", async () => {
  const startedAt = browser.clock.monotonic();
  while (browser.clock.monotonic() < startedAt + browser.server.heartbeatInterval) {
    tab.input();
    tab.page({ type: "hidden" });
    await browser.clock.advance(200);
  }
  expect(browser.server.countOf("heartbeat")).toBeLessThanOrEqual(4);
});

test("reports what is held when the page is hidden", async () => {
  tab.input();
  await settle();
  await browser.clock.advance(3000);
  tab.input();
  const inputAt = browser.server.now();
  tab.page({ type: "hidden" });
  await settle();
  expect(beats().map(({ activeAt }) => activeAt)).toEqual([inputAt - 3000, inputAt]);
});

describe("409 stale-nonce", () => {
  test("is success where the server has heard of later activity", async () => {
    browser.server.touch(browser.server.now() + 1);
    tab.input();
    await browser.clock.advance(20_000);
    expect(browser.server.refusals).toEqual(["stale-nonce"]);
    expect(beats()).toHaveLength(0);
  });

  test("makes the client sign again, once, with the new nonce", async () => {
    browser.server.touch(browser.server.now() - 5000);
    tab.input();
    await settle();
    expect(browser.server.refusals).toEqual(["stale-nonce"]);
    expect(beats()).toHaveLength(1);
  });

  test("leaves the activity pending for 0.2 to 1 s after the second time", async () => {
    const inputAt = browser.server.now();
    let staleTimes = 0;
    const stale = () => {
      staleTimes++;
      browser.server.touch(browser.server.now() - 5000);
      return null;
    };
    browser.server.intercept = (call) => (call === "heartbeat" && staleTimes < 2 ? stale() : null);
    tab.input();
    await settle();
    expect(browser.server.countOf("heartbeat")).toBe(2);
    expect(beats()).toHaveLength(0);
    await browser.clock.advance(199);
    expect(beats()).toHaveLength(0);
    await browser.clock.advance(6000);
    expect(beats()[0]?.activeAt).toBe(inputAt);
  });

  test("never signs for the session that the answer names, if it is another", async () => {
    browser.server.intercept = (call) => {
      if (call !== "heartbeat") return null;
      const session = { sid: "sid-of-mallory", nonce: "n", lastActiveAt: 0 } as unknown as ActiveStatus;
      const type = "urn:curfew:stale-nonce" as const;
      return { type: "problem", problem: { type, status: 409, title: "", session } };
    };
    tab.input();
    await settle();
    expect(browser.server.countOf("heartbeat")).toBe(1);
  });
});

describe("a network error", () => {
  test("is retried after half a second at the earliest, with the largest activity", async () => {
    browser.server.intercept = (call) =>
      call === "heartbeat" ? { type: "unreachable", code: "unreachable", retryAfter: 0 } : null;
    tab.input();
    await settle();
    expect(browser.server.countOf("heartbeat")).toBe(1);
    await browser.clock.advance(100);
    tab.input();
    const lastInputAt = browser.server.now();
    await browser.clock.advance(399);
    expect(browser.server.countOf("heartbeat")).toBe(1);
    browser.server.intercept = () => null;
    await browser.clock.advance(600);
    expect(beats()).toHaveLength(1);
    expect(beats()[0]).toMatchObject({ activeAt: lastInputAt, counts: { pointer: 2 } });
  });

  test("waits as long as the server asked for", async () => {
    browser.server.intercept = (call) =>
      call === "heartbeat" ? { type: "unreachable", code: "too-many", retryAfter: 9000 } : null;
    tab.input();
    await settle();
    await browser.clock.advance(8900);
    expect(browser.server.countOf("heartbeat")).toBe(1);
    await browser.clock.advance(200);
    expect(browser.server.countOf("heartbeat")).toBe(2);
  });

  test("is retried at once when a question is answered again, not when its own wait is over", async () => {
    browser.server.isReachable = false;
    tab.input();
    await browser.clock.advance(8000);
    const sent = browser.server.countOf("heartbeat");
    browser.server.isReachable = true;
    void tab.session.refresh();
    await settle();
    expect(browser.server.countOf("heartbeat")).toBe(sent + 1);
    expect(beats()).toHaveLength(1);
  });

  test("does not put off the questions: they are asked as often as without it", async () => {
    browser.server.isReachable = false;
    tab.input();
    const asked = browser.server.countOf("session");
    await browser.clock.advance(10_000);
    expect(browser.server.countOf("session") - asked).toBe(5);
  });

  test("leaves half a second at least, though the page opens a warning meanwhile", async () => {
    await browser.clock.advance(browser.server.idleTimeout - browser.server.warningPeriod - 100);
    browser.server.isReachable = false;
    const times: number[] = [];
    browser.server.intercept = (call) => {
      if (call === "heartbeat") times.push(browser.clock.monotonic());
      return null;
    };
    tab.input();
    await browser.clock.advance(5000);
    const waits = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    // The one before a warning is sent whatever the wait.
    expect(waits.slice(1).every((wait) => wait >= 500)).toBe(true);
  });

  test("is not retried once the page has gone, and the next page reports it", async () => {
    browser.server.isReachable = false;
    tab.input();
    const inputAt = browser.server.now();
    await settle();
    tab.page({ type: "hide", persisted: false });
    const sent = browser.server.countOf("heartbeat");
    await browser.clock.advance(5000);
    expect(browser.server.countOf("heartbeat")).toBe(sent);
    browser.server.isReachable = true;
    browser.openTab();
    await settle();
    expect(beats().map(({ activeAt }) => activeAt)).toEqual([inputAt]);
    expect(browser.localStorage.size).toBe(0);
  });
});

test("keeps input from before the first answer as one time stamp", async () => {
  browser.server.isReachable = false;
  const other = browser.openTab();
  other.input();
  other.input("key");
  const inputAt = browser.server.now();
  await browser.clock.advance(200);
  browser.server.isReachable = true;
  await browser.clock.advance(2000);
  expect(beats()).toHaveLength(1);
  expect(beats()[0]).toMatchObject({ activeAt: inputAt, counts: { pointer: 1, key: 1 } });
});

describe("a claim that the server refuses because it lies ahead of its time", () => {
  const ahead: Answer = {
    type: "problem",
    problem: { type: "urn:curfew:bad-heartbeat", status: 400, title: "bad heartbeat", code: "ahead" },
  };

  test("costs the clock its samples, and one question brings it new ones", async () => {
    browser.server.intercept = (call) => (call === "heartbeat" ? ahead : null);
    const asked = browser.server.countOf("session");
    tab.input();
    await settle();
    expect(browser.server.countOf("session")).toBe(asked + 1);
    browser.server.intercept = () => null;
    await browser.clock.advance(browser.server.heartbeatInterval);
    const inputAt = browser.server.now();
    tab.input();
    await settle();
    expect(beats()).toEqual([expect.objectContaining({ activeAt: inputAt })]);
  });

  test("makes no loop where the server goes on refusing", async () => {
    browser.server.intercept = (call) => (call === "heartbeat" ? ahead : null);
    const before = browser.server.calls.length;
    for (let step = 0; step < 60; step++) {
      tab.input();
      await browser.clock.advance(500);
    }
    // 30 s of work, an interval of 6 s: each try asks once, and the warning that is due in this time twice.
    expect(browser.server.calls.length - before).toBeLessThanOrEqual(14);
  });

  test("is told of where the person has asked to stay signed in", async () => {
    browser.server.intercept = (call) => (call === "heartbeat" ? ahead : null);
    await expect(tab.session.extend()).rejects.toMatchObject({ code: "bad-heartbeat" });
    browser.server.intercept = () => null;
    await expect(tab.session.extend()).resolves.toMatchObject({ status: "active" });
  });
});
