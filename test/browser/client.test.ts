/** What one tab does with what the server says, and with what it does not say. */
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

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "resolved",
    (error: CurfewError) => error.code,
  );

describe("starting", () => {
  test("is absent where nobody is signed in, and asks no more", async () => {
    const empty = new FakeBrowser();
    const other = empty.openTab();
    await empty.clock.advance(60_000);
    expect(other.session.state).toEqual({ status: "absent" });
    expect(empty.server.calls).toEqual(["session"]);
  });

  test("is absent, not ended, on a sign-in page whose old session is over", async () => {
    browser.server.end(sid, "revoked");
    const other = browser.openTab();
    await settle();
    expect(other.session.state).toEqual({ status: "absent" });
    expect(other.covered).toBe(false);
    expect(other.session.signInUrl).toBe("/login");
  });

  test("tells the other tabs of an end that it is the first to hear of", async () => {
    browser.server.end(sid, "signed-out");
    browser.openTab();
    await settle();
    expect(tab.session.state).toMatchObject({ status: "ended", reason: "signed-out" });
    expect(tab.covered).toBe(true);
  });

  test("makes the other tabs ask when a page opens and nobody is signed in any more", async () => {
    browser.server.end(sid, "signed-out");
    browser.server.cookie = null;
    browser.openTab();
    await settle();
    expect(tab.session.state).toMatchObject({ status: "ended", reason: "signed-out" });
    expect(tab.covered).toBe(true);
  });

  test("keeps asking while the server does not answer", async () => {
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

  test("covers what is surely over until the first answer", async () => {
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

describe("the key", () => {
  test("is bound once by tabs that open together", async () => {
    const crowd = new FakeBrowser();
    crowd.server.signIn();
    const tabs = [crowd.openTab(), crowd.openTab(), crowd.openTab()];
    await settle();
    await settle();
    expect(crowd.server.countOf("key")).toBe(1);
    for (const { session } of tabs) expect(session.state).toMatchObject({ keyStore: "indexeddb" });
  });

  test("stays in memory where the browser keeps nothing", async () => {
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

  test("makes the client ask on a 401 of ours, and leaves the body to the app", async () => {
    const response = problem("session-ended");
    expect((await tab.session.read(response))?.type).toBe("urn:curfew:session-ended");
    await settle();
    expect(browser.server.countOf("session")).toBe(2);
    expect(await response.json()).toMatchObject({ title: "session-ended" });
  });

  test("tells of a step-up and asks nothing", async () => {
    const told: string[] = [];
    tab.session.on("step-up", (event) => told.push(event.problem.type));
    await tab.session.read(problem("step-up"));
    expect(told).toEqual(["urn:curfew:step-up"]);
    expect(browser.server.countOf("session")).toBe(1);
  });

  test("is silent about any other answer", async () => {
    expect(await tab.session.read(new Response("no", { status: 401 }))).toBeNull();
    expect(await tab.session.read(new Response("{}"))).toBeNull();
  });
});

test("stops for good when it is closed", async () => {
  tab.session.close();
  const asked = browser.server.calls.length;
  tab.input();
  await browser.clock.advance(120_000);
  expect(browser.server.calls.length).toBe(asked);
});
