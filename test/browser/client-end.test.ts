/** The end of a session in one tab, and what may follow it. */
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

describe("the end", () => {
  test("comes at the deadline, with its cause and its time, and covers the page", async () => {
    const phases: string[] = [];
    tab.session.on("before-end", ({ phase }) => phases.push(phase));
    const startedAt = browser.server.now();
    await browser.clock.advance(60_000);
    expect(tab.session.state).toEqual({ status: "ended", reason: "idle", endedAt: startedAt + 60_000 });
    expect(tab.covered).toBe(true);
    expect(phases).toEqual(["soon", "ended"]);
  });

  test("has the address at which the provider hears of it, where the server tells one", async () => {
    expect(tab.session.endUrl).toBeNull();
    const type = "urn:curfew:session-ended" as const;
    const end = { reason: "revoked", endedAt: browser.server.now(), sid, endUrl: "/curfew/idp/end" } as const;
    browser.server.intercept = (call) =>
      call === "session" ? { type: "problem", problem: { type, status: 401, title: "", ...end } } : null;
    await tab.session.refresh();
    expect([status(), tab.session.endUrl]).toEqual(["ended", "/curfew/idp/end"]);
  });

  test("covers and keeps asking where the server cannot confirm the deadline", async () => {
    await browser.clock.advance(50_000);
    browser.server.isReachable = false;
    await browser.clock.advance(11_000);
    expect([status(), tab.covered]).toEqual(["unconfirmed", true]);
    const asked = browser.server.countOf("session");
    await browser.clock.advance(60_000);
    expect(browser.server.countOf("session") - asked).toBeGreaterThan(3);
    browser.server.isReachable = true;
    await browser.clock.advance(16_000);
    expect(tab.session.state).toMatchObject({ status: "ended", reason: "idle" });
  });

  test("settles without hammering where the server's clock is a little behind", async () => {
    await browser.clock.advance(50_000);
    browser.server.offset -= 40;
    await browser.clock.advance(9900);
    const asked = browser.server.calls.length;
    const seen: string[] = [];
    tab.session.subscribe(() => seen.push(status()));
    await browser.clock.advance(1000);
    expect(status()).toBe("ended");
    expect(browser.server.calls.length - asked).toBeLessThanOrEqual(3);
    expect(seen).toEqual(["unconfirmed", "ended"]);
  });

  test("is not believed on one unexpected 401", async () => {
    browser.server.intercept = () => {
      browser.server.intercept = () => null;
      const type = "urn:curfew:no-session" as const;
      return { type: "problem", problem: { type, status: 401, title: "" } };
    };
    await tab.session.refresh();
    expect(status()).toBe("active");
    expect(browser.server.countOf("session")).toBe(3);
  });

  test("waits with its event until the app has saved, but not with the cover", async () => {
    let ended = 0;
    let save = () => {};
    tab.session.on("ended", () => ended++);
    tab.session.on("before-end", (event) => {
      if (event.phase === "ended") event.waitUntil(new Promise<void>((done) => (save = done)));
    });
    await tab.session.end();
    await settle();
    expect([tab.covered, ended]).toEqual([true, 0]);
    save();
    await settle();
    expect(ended).toBe(1);
  });

  test("waits for an app that saves no longer than 5 s", async () => {
    let ended = 0;
    tab.session.on("ended", () => ended++);
    tab.session.on("before-end", (event) => event.waitUntil(new Promise(() => {})));
    await tab.session.end();
    await browser.clock.advance(4999);
    expect(ended).toBe(0);
    await browser.clock.advance(1);
    expect(ended).toBe(1);
  });

  test("is for good: a later answer about the same session changes nothing", async () => {
    await tab.session.end();
    expect(tab.session.state).toMatchObject({ status: "ended", reason: "signed-out" });
    browser.server.cookie = sid;
    await tab.session.refresh();
    expect(status()).toBe("ended");
  });
});

test("asks at once when the network is back", async () => {
  browser.server.isReachable = false;
  await browser.clock.advance(60_000);
  browser.server.isReachable = true;
  tab.page({ type: "online" });
  await settle();
  expect(status()).toBe("ended");
});

describe("another session", () => {
  test("of the same subject uncovers the page where it was", async () => {
    await tab.session.end();
    browser.server.signIn("ada");
    await tab.session.refresh();
    expect([status(), tab.covered, tab.reloads]).toEqual(["active", false, 0]);
    await browser.clock.advance(10_000);
    tab.input();
    await settle();
    expect(browser.server.heartbeats[0]?.sid).toBe(browser.server.cookie);
  });

  test("of another subject reloads the page and leaves it covered", async () => {
    await tab.session.end();
    browser.server.signIn("bob");
    await tab.session.refresh();
    expect([status(), tab.covered, tab.reloads]).toEqual(["ended", true, 1]);
  });

  test("covers a live page before it reloads for another subject", async () => {
    browser.server.signIn("bob");
    await tab.session.refresh();
    expect([tab.covered, tab.reloads]).toEqual([true, 1]);
  });
});
