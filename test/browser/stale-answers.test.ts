/** A cache that answers for the server, as a service worker or a proxy may: old answers count as none. */
import { beforeEach, expect, test } from "vitest";
import type { Answer } from "../../src/browser/verifier/transport.js";
import { FakeBrowser, type Tab } from "./fake-browser.js";
import { settle } from "./fake-clock.js";

let browser: FakeBrowser;
let tab: Tab;

beforeEach(async () => {
  browser = new FakeBrowser();
  browser.server.signIn();
  tab = browser.openTab();
  await settle();
});

/** From now on each question gets what the server said now, at once, as a cache does it. */
async function keepAnswer(): Promise<Answer> {
  const kept = await browser.server.transport().session(null);
  browser.server.intercept = (call) => {
    if (call !== "session" || kept.type !== "active") return null;
    const at = browser.clock.monotonic();
    return { ...kept, sample: { now: kept.status.now, sentAt: at, receivedAt: at } };
  };
  return kept;
}

test("a page that is covered at its deadline stays so, however often an old answer says that the session lives", async () => {
  await browser.clock.advance(10_000);
  await keepAnswer();
  await browser.clock.advance(60_000);
  expect(tab.session.state.status).toBe("unconfirmed");
  const seen = new Set<boolean>();
  for (let second = 0; second < 45; second++) {
    await browser.clock.advance(1000);
    seen.add(tab.covered);
  }
  expect([...seen]).toEqual([true]);
  expect(tab.session.remaining()).toBe(0);
  browser.server.intercept = () => null;
  await browser.clock.advance(20_000);
  expect(tab.session.state).toMatchObject({ status: "ended", reason: "idle" });
});

test("a page that opens after the end believes no answer that is older than what this browser has on record", async () => {
  await keepAnswer();
  await browser.clock.advance(10_000);
  tab.input();
  await settle();
  tab.page({ type: "hide", persisted: false });
  browser.clock.block(120_000);
  const next = browser.openTab();
  await settle();
  expect([next.session.state.status, next.covered]).toEqual(["connecting", true]);
  await browser.clock.advance(5000);
  expect([next.session.state.status, next.covered]).toEqual(["connecting", true]);
});

test("the clock runs on while old answers come", async () => {
  await keepAnswer();
  await browser.clock.advance(20_000);
  const remaining = tab.session.remaining() ?? 0;
  await tab.session.refresh();
  await browser.clock.advance(5000);
  expect(tab.session.remaining()).toBe(remaining - 5000);
});
