/** A script of the same origin posts what it likes on the tabs' channel: what a person sees follows the server all the same. */
import { beforeEach, describe, expect, test } from "vitest";
import type { TabMessage } from "../../src/browser/tabs/group.js";
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

const activeNow = (): TabMessage => {
  const now = browser.server.now();
  return { type: "active", sid, now, activeAt: now };
};
/** Forges a message every `interval` for `period`. */
async function flood(message: () => TabMessage, { period, interval = 500 }: Record<string, number>) {
  for (let passed = 0; passed < Number(period); passed += interval) {
    browser.forge(message());
    await browser.clock.advance(interval);
  }
}

describe("a flood of promises", () => {
  test("does not keep a person's input from the server: no warning opens while they work", async () => {
    const warnings: string[] = [];
    tab.session.on("warning", ({ state }) => warnings.push(state.status));
    for (let second = 0; second < 100; second++) {
      browser.forge(activeNow());
      tab.input();
      await browser.clock.advance(1000);
    }
    expect(warnings).toEqual([]);
    expect(browser.server.heartbeats.length).toBeGreaterThanOrEqual(2);
    expect(tab.session.state.status).toBe("active");
  });

  test("does not outrun an answer that is under way: the warning opens on time, without a storm of questions", async () => {
    await browser.clock.advance(39_000);
    const asked = browser.server.countOf("session");
    const held: (() => void)[] = [];
    Object.defineProperty(browser.server, "delay", {
      get: () => new Promise<void>((resolve) => held.push(resolve)),
    });
    for (let step = 0; step < 400; step++) {
      browser.forge(activeNow());
      await browser.clock.advance(10);
      if (step % 3 === 2) for (const answer of held.splice(0)) answer();
    }
    expect(tab.session.state.status).toBe("warning");
    expect(browser.server.countOf("session") - asked).toBeLessThanOrEqual(4);
  });

  test("does not hold the end back", async () => {
    await flood(activeNow, { period: 61_000 });
    expect(tab.session.state).toMatchObject({ status: "ended", reason: "idle" });
    expect(tab.covered).toBe(true);
  });

  test("does not keep a real extension from being seen for long", async () => {
    const other = browser.openTab();
    await browser.clock.advance(41_000);
    expect(tab.session.state.status).toBe("warning");
    await flood(activeNow, { period: 4000 });
    expect(tab.session.state.status).toBe("warning");
    await other.session.extend();
    await browser.clock.advance(10_000);
    expect(tab.session.state.status).toBe("active");
  });
});

const forgeries: readonly [string, () => TabMessage][] = [
  ["activity in the far future", () => ({ ...activeNow(), now: 9e15, activeAt: 9e15 }) as TabMessage],
  ["activity in the far past", () => ({ type: "active", sid, now: 0, activeAt: 0 })],
  ["activity of another session", () => ({ ...activeNow(), sid: "sid-of-mallory" }) as TabMessage],
  ["an end", () => ({ type: "ended", sid, reason: "revoked" })],
  ["an end of another session", () => ({ type: "ended", sid: "sid-of-mallory", reason: "idle" })],
  ["that nobody is signed in", () => ({ type: "absent" })],
  ["a tab of another session", () => ({ type: "hello", sid: "sid-of-mallory" })],
  ["a tab of nobody", () => ({ type: "hello", sid: null })],
];
for (const [name, forgery] of forgeries)
  describe(`a forged message that tells of ${name}`, () => {
    test("changes nothing that a person sees", async () => {
      await browser.clock.advance(10_000);
      const seen: unknown[] = [];
      const before = { state: tab.session.state, remaining: tab.session.remaining() };
      tab.session.subscribe(() => seen.push(tab.session.state));
      browser.forge(forgery());
      await settle();
      expect({ state: tab.session.state, remaining: tab.session.remaining() }).toEqual(before);
      expect([seen, tab.covered, tab.reloads]).toEqual([[], false, 0]);
    });

    test("makes no storm of questions, however often it comes, and the warning opens on time", async () => {
      const asked = browser.server.countOf("session");
      await flood(forgery, { period: 38_500 });
      expect(browser.server.countOf("session") - asked).toBeLessThanOrEqual(8);
      expect(tab.session.state.status).toBe("active");
      await flood(forgery, { period: 1000 });
      expect(tab.session.state.status).toBe("warning");
    });

    test("does not close a warning", async () => {
      await browser.clock.advance(45_000);
      const before = tab.session.state;
      await flood(forgery, { period: 3000 });
      expect(tab.session.state).toEqual(before);
    });
  });
