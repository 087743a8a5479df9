/** A call that something else answers, or nothing: how often it is tried, and who is told of it. */
import { beforeEach, describe, expect, test } from "vitest";
import type { Answer, UnreachableCause } from "../../src/browser/verifier/transport.js";
import { FakeBrowser, type Tab } from "./fake-browser.js";
import { settle } from "./fake-clock.js";

const instead = (cause?: UnreachableCause, retryAfter = 0): Answer => ({
  type: "unreachable",
  code: "unreachable",
  retryAfter,
  ...(cause === undefined ? {} : { cause }),
});

let browser: FakeBrowser;
let errors: { code: string; message: string }[];

beforeEach(() => {
  browser = new FakeBrowser();
  browser.server.signIn();
  errors = [];
});

/** From now on something else answers this call. */
function block(call: string, answer: Answer = instead(403)): void {
  browser.server.intercept = (name) => (name === call ? answer : null);
}

async function open(): Promise<Tab> {
  const tab = browser.openTab();
  tab.session.on("error", (error) => void errors.push(error));
  await settle();
  return tab;
}

describe("a binding that is refused while the server answers all else", () => {
  test("is tried more and more seldom, and makes nobody ask", async () => {
    block("key");
    await open();
    await browser.clock.advance(30_000);
    expect(browser.server.countOf("key")).toBeLessThanOrEqual(6);
    expect(browser.server.countOf("session")).toBeLessThanOrEqual(2);
    const { length } = browser.server.calls;
    await browser.clock.advance(8500);
    expect(browser.server.calls.length - length).toBeLessThanOrEqual(2);
  });

  test("is tried as seldom by each of several tabs", async () => {
    block("key");
    for (let count = 0; count < 3; count++) await open();
    await browser.clock.advance(30_000);
    expect(browser.server.countOf("key")).toBeLessThanOrEqual(18);
    expect(browser.server.countOf("session")).toBeLessThanOrEqual(12);
  });

  test("waits for as long as it is told to", async () => {
    block("key", { type: "unreachable", code: "unavailable", retryAfter: 20_000 });
    await open();
    await browser.clock.advance(19_900);
    expect(browser.server.countOf("key")).toBe(1);
    await browser.clock.advance(200);
    expect(browser.server.countOf("key")).toBe(2);
  });

  test("does not say that the server is away", async () => {
    block("key");
    const tab = await open();
    await browser.clock.advance(5000);
    expect(tab.session.state).toMatchObject({ reachable: true, keyStore: "pending" });
  });

  test("is tried at once when a person asks to stay signed in, and succeeds when nothing stands before it", async () => {
    block("key");
    const tab = await open();
    await browser.clock.advance(10_000);
    const before = browser.server.countOf("key");
    await expect(tab.session.extend()).rejects.toMatchObject({ code: "unreachable" });
    expect(browser.server.countOf("key")).toBe(before + 1);
    browser.server.intercept = () => null;
    await expect(tab.session.extend()).resolves.toMatchObject({ keyStore: "indexeddb" });
  });

  test("comes right by itself once nothing stands before it", async () => {
    block("key");
    const tab = await open();
    await browser.clock.advance(3000);
    browser.server.intercept = () => null;
    await browser.clock.advance(10_000);
    expect(tab.session.state).toMatchObject({ keyStore: "indexeddb" });
  });

  test("is not tried again where it came too late, until somebody authenticates anew", async () => {
    block("key", {
      type: "problem",
      problem: { type: "urn:curfew:bind-closed", status: 403, title: "too late" },
    });
    const tab = await open();
    for (let count = 0; count < 3; count++) await tab.session.refresh();
    expect(browser.server.countOf("key")).toBe(1);
    browser.server.intercept = () => null;
    await browser.clock.advance(1);
    browser.server.touch();
    await tab.session.refresh();
    await settle();
    expect(tab.session.state).toMatchObject({ keyStore: "indexeddb" });
  });

  test("is tried no more once the session is over", async () => {
    block("key");
    const tab = await open();
    browser.server.end(browser.server.cookie ?? "", "signed-out");
    await tab.session.refresh();
    const { length } = browser.server.calls;
    await browser.clock.advance(120_000);
    expect(browser.server.calls).toHaveLength(length);
  });
});

describe("the developer is told once, with what came and what to look at", () => {
  test.each([
    ["key", 403, /^POST \/curfew\/key is answered 403, not by Curfew: something stands before routes\(\)/],
    ["key", 404, /is answered 404, not by Curfew: is routes\(\) mounted there/],
    ["key", 502, /is answered 502, not by Curfew: is the app behind the proxy up/],
    ["key", "network", /^POST \/curfew\/key fails although the browser is online: .*content security policy/],
    ["session", 200, /^GET \/curfew\/session is answered 200, not by Curfew.*nobody is warned\.$/],
    ["session", "network", /nobody is warned\.$/],
    ["session", "late", /was not answered in time/],
  ] as const)("%s: %s", async (call, cause, message) => {
    block(call, instead(cause));
    await open();
    await browser.clock.advance(60_000);
    expect(errors).toEqual([{ code: "unanswered", message: expect.stringMatching(message) }]);
  });

  test("of a heartbeat that a blocker keeps from leaving", async () => {
    const tab = await open();
    block("heartbeat", instead("network"));
    for (let step = 0; step < 30; step++) {
      tab.input();
      await browser.clock.advance(1000);
    }
    expect(errors).toEqual([
      { code: "unanswered", message: expect.stringMatching(/^POST \/curfew\/heartbeat .*nothing extends/) },
    ]);
  });

  test.each([
    ["a browser that is offline", instead("offline")],
    ["a server that asks to come again", instead(undefined, 1000)],
  ])("and not of %s", async (_name, answer) => {
    block("session", answer);
    await open();
    await browser.clock.advance(60_000);
    expect(errors).toEqual([]);
  });

  test("and not of a network that fails twice", async () => {
    let failures = 0;
    browser.server.intercept = (call) => (call === "key" && failures++ < 2 ? instead("network") : null);
    const tab = await open();
    await browser.clock.advance(30_000);
    expect(tab.session.state).toMatchObject({ keyStore: "indexeddb" });
    expect(errors).toEqual([]);
  });

  test("and the log says what came", async () => {
    block("key");
    const { session } = await open();
    expect(session.log).toContainEqual(
      expect.objectContaining({ type: "refused", answer: "unreachable 403" }),
    );
  });
});
