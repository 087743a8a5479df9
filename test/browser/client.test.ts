/** What one tab does with what the server says, and with what it does not say. */
import { beforeEach, describe, expect, it } from "vitest";
import type { CurfewError } from "../../src/browser/curfew-error.js";
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

describe("starting", () => {
  it("is absent where nobody is signed in, and asks no more", async () => {
    const empty = new FakeBrowser();
    const other = empty.openTab();
    await empty.clock.advance(60_000);
    expect(other.session.state).toEqual({ status: "absent" });
    expect(empty.server.calls).toEqual(["session"]);
  });

  it("is absent, not ended, on a sign-in page whose old session is over", async () => {
    browser.server.end(sid, "revoked");
    const other = browser.openTab();
    await settle();
    expect(other.session.state).toEqual({ status: "absent" });
    expect(other.covered).toBe(false);
    expect(other.session.signInUrl).toBe("/login");
  });

  it("keeps asking while the server does not answer", async () => {
    const far = new FakeBrowser();
    far.server.signIn();
    far.server.isReachable = false;
    const other = far.openTab();
    await far.clock.advance(20_000);
    expect(other.session.state).toEqual({ status: "connecting" });
    expect(far.server.calls.length).toBeGreaterThan(5);
    expect(far.server.calls.length).toBeLessThan(12);
    far.server.isReachable = true;
    await far.clock.advance(10_000);
    expect(other.session.state.status).toBe("active");
  });

  it("covers what is surely over until the first answer", async () => {
    browser.clock.block(70_000);
    browser.server.intercept = () => ({ type: "unreachable", code: "unreachable", retryAfter: 0 });
    const other = browser.openTab();
    await settle();
    expect([other.session.state.status, other.covered]).toEqual(["connecting", true]);
    browser.server.intercept = () => null;
    await browser.clock.advance(1000);
    expect([other.session.state.status, other.covered]).toEqual(["absent", false]);
  });
});

describe("the warning", () => {
  it("opens only after the server has been asked", async () => {
    const warnings: string[] = [];
    tab.session.on("warning", ({ state }) => warnings.push(state.status));
    await browser.clock.advance(39_900);
    expect(browser.server.countOf("session")).toBe(1);
    await browser.clock.advance(200);
    expect(browser.server.countOf("session")).toBe(2);
    expect(warnings).toEqual(["warning"]);
    expect(tab.session.remaining()).toBeLessThanOrEqual(20_000);
  });

  it("does not open where the server knows of later activity", async () => {
    await browser.clock.advance(30_000);
    browser.server.touch();
    await browser.clock.advance(15_000);
    expect(status()).toBe("active");
    expect(tab.session.remaining()).toBe(45_000);
  });

  it("opens all the same where the server cannot be asked", async () => {
    await browser.clock.advance(30_000);
    browser.server.isReachable = false;
    await browser.clock.advance(15_000);
    expect(tab.session.state).toMatchObject({ status: "warning", reachable: false });
  });

  it("is not answered by a bumped mouse", async () => {
    await browser.clock.advance(41_000);
    tab.input();
    await browser.clock.advance(5000);
    expect(status()).toBe("warning");
    expect(browser.server.heartbeats).toEqual([]);
  });

  it("is answered by any input where the policy says so", async () => {
    browser.server.dismissWarning = "activity";
    await browser.clock.advance(41_000);
    tab.input();
    await settle();
    expect(status()).toBe("active");
  });

  it("first sends what is held, then asks", async () => {
    await browser.clock.advance(20_000);
    browser.server.isReachable = false;
    tab.input();
    await browser.clock.advance(19_000);
    browser.server.calls.length = 0;
    browser.server.isReachable = true;
    await browser.clock.advance(2000);
    expect(browser.server.calls).toContain("heartbeat");
    expect(status()).toBe("active");
    expect(tab.session.remaining()).toBe(39_000);
  });
});

describe("extend", () => {
  it("is refused without a gesture", async () => {
    tab.isGesture = false;
    expect(await codeOf(tab.session.extend())).toBe("no-gesture");
    expect(browser.server.countOf("heartbeat")).toBe(0);
  });

  it("resolves with the server's answer, and only then closes the warning", async () => {
    await browser.clock.advance(45_000);
    const extending = tab.session.extend();
    expect(status()).toBe("warning");
    expect(await extending).toMatchObject({ status: "active" });
    expect(browser.server.heartbeats).toMatchObject([{ intent: "extend", activeAt: browser.server.now() }]);
    expect(tab.session.remaining()).toBe(60_000);
  });

  it("keeps the warning and says why where the server does not answer", async () => {
    await browser.clock.advance(45_000);
    browser.server.isReachable = false;
    expect(await codeOf(tab.session.extend())).toBe("unreachable");
    expect(status()).toBe("warning");
  });

  it("says that the session has ended", async () => {
    await browser.clock.advance(45_000);
    browser.server.end(sid, "revoked");
    expect(await codeOf(tab.session.extend())).toBe("session-ended");
    expect(tab.session.state).toMatchObject({ status: "ended", reason: "revoked" });
    expect(await codeOf(tab.session.extend())).toBe("session-ended");
  });
});

describe("the end", () => {
  it("comes at the deadline, with its cause and its time, and covers the page", async () => {
    const phases: string[] = [];
    tab.session.on("before-end", ({ phase }) => phases.push(phase));
    const startedAt = browser.server.now();
    await browser.clock.advance(60_000);
    expect(tab.session.state).toEqual({ status: "ended", reason: "idle", endedAt: startedAt + 60_000 });
    expect(tab.covered).toBe(true);
    expect(phases).toEqual(["soon", "ended"]);
  });

  it("covers and keeps asking where the server cannot confirm the deadline", async () => {
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

  it("settles without hammering where the server's clock is a little behind", async () => {
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

  it("is not believed on one unexpected 401", async () => {
    browser.server.intercept = () => {
      browser.server.intercept = () => null;
      const type = "urn:curfew:no-session" as const;
      return { type: "problem", problem: { type, status: 401, title: "" } };
    };
    await tab.session.refresh();
    expect(status()).toBe("active");
    expect(browser.server.countOf("session")).toBe(3);
  });

  it("waits with its event until the app has saved, but not with the cover", async () => {
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

  it("waits for an app that saves no longer than 5 s", async () => {
    let ended = 0;
    tab.session.on("ended", () => ended++);
    tab.session.on("before-end", (event) => event.waitUntil(new Promise(() => {})));
    await tab.session.end();
    await browser.clock.advance(4999);
    expect(ended).toBe(0);
    await browser.clock.advance(1);
    expect(ended).toBe(1);
  });

  it("is for good: a later answer about the same session changes nothing", async () => {
    await tab.session.end();
    expect(tab.session.state).toMatchObject({ status: "ended", reason: "signed-out" });
    browser.server.cookie = sid;
    await tab.session.refresh();
    expect(status()).toBe("ended");
  });
});

it("asks at once when the network is back", async () => {
  browser.server.isReachable = false;
  await browser.clock.advance(60_000);
  browser.server.isReachable = true;
  tab.page({ type: "online" });
  await settle();
  expect(status()).toBe("ended");
});

describe("another session", () => {
  it("of the same subject uncovers the page where it was", async () => {
    await tab.session.end();
    browser.server.signIn("ada");
    await tab.session.refresh();
    expect([status(), tab.covered, tab.reloads]).toEqual(["active", false, 0]);
    await browser.clock.advance(10_000);
    tab.input();
    await settle();
    expect(browser.server.heartbeats[0]?.sid).toBe(browser.server.cookie);
  });

  it("of another subject reloads the page and leaves it covered", async () => {
    await tab.session.end();
    browser.server.signIn("bob");
    await tab.session.refresh();
    expect([status(), tab.covered, tab.reloads]).toEqual(["ended", true, 1]);
  });

  it("covers a live page before it reloads for another subject", async () => {
    browser.server.signIn("bob");
    await tab.session.refresh();
    expect([tab.covered, tab.reloads]).toEqual([true, 1]);
  });
});

describe("coming back", () => {
  it("counts no input after a sleep until the server has answered", async () => {
    await browser.clock.advance(5000);
    browser.clock.sleep(3_600_000);
    browser.server.offset += 3_600_000;
    tab.input();
    await settle();
    expect(browser.server.heartbeats).toEqual([]);
    expect(tab.session.state).toMatchObject({ status: "ended", reason: "idle" });
  });

  it("counts no input where the timer should have fired long ago", async () => {
    browser.clock.block(50_000);
    tab.input();
    await settle();
    expect(status()).toBe("warning");
    expect(browser.server.heartbeats).toEqual([]);
  });

  it("covers a page that is being kept and uncovers it on the server's word", async () => {
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

  it("shows a kept page no more once its session is over", async () => {
    tab.page({ type: "hide", persisted: true });
    browser.server.end(sid, "signed-out");
    browser.server.cookie = null;
    tab.page({ type: "show", persisted: true });
    await settle();
    expect([status(), tab.covered]).toEqual(["ended", true]);
  });

  it("is not misled by a person who sets the clock", async () => {
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

describe("the key", () => {
  it("is bound once by tabs that open together", async () => {
    const crowd = new FakeBrowser();
    crowd.server.signIn();
    const tabs = [crowd.openTab(), crowd.openTab(), crowd.openTab()];
    await settle();
    await settle();
    expect(crowd.server.countOf("key")).toBe(1);
    for (const { session } of tabs) expect(session.state).toMatchObject({ keyStore: "indexeddb" });
  });

  it("stays in memory where the browser keeps nothing", async () => {
    const refusing = new FakeBrowser();
    refusing.storesKeys = false;
    refusing.server.signIn();
    const first = refusing.openTab();
    await settle();
    expect(first.session.state).toMatchObject({ keyStore: "memory", canExtend: true });
    const second = refusing.openTab();
    await settle();
    expect(second.session.state).toMatchObject({ keyStore: "lost", canExtend: false });
    expect(await codeOf(second.session.extend())).toBe("key-mismatch");
  });
});

describe("read", () => {
  const problem = (name: string, statusCode = 401) =>
    new Response(JSON.stringify({ type: `urn:curfew:${name}`, title: name, status: statusCode }), {
      status: statusCode,
      headers: { "content-type": "application/problem+json" },
    });

  it("makes the client ask on a 401 of ours, and leaves the body to the app", async () => {
    const response = problem("session-ended");
    expect((await tab.session.read(response))?.type).toBe("urn:curfew:session-ended");
    await settle();
    expect(browser.server.countOf("session")).toBe(2);
    expect(await response.json()).toMatchObject({ title: "session-ended" });
  });

  it("tells of a step-up and asks nothing", async () => {
    const told: string[] = [];
    tab.session.on("step-up", (event) => told.push(event.problem.type));
    await tab.session.read(problem("step-up"));
    expect(told).toEqual(["urn:curfew:step-up"]);
    expect(browser.server.countOf("session")).toBe(1);
  });

  it("is silent about any other answer", async () => {
    expect(await tab.session.read(new Response("no", { status: 401 }))).toBeNull();
    expect(await tab.session.read(new Response("{}"))).toBeNull();
  });
});

it("stops for good when it is closed", async () => {
  tab.session.close();
  const asked = browser.server.calls.length;
  tab.input();
  await browser.clock.advance(120_000);
  expect(browser.server.calls.length).toBe(asked);
});
