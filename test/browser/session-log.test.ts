/** What the log says of why a session was extended, warned about or ended. */
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

/** A tab's name is made from the clock's random value. */
async function openAnother(): Promise<Tab> {
  browser.clock.randomValue = 0.4;
  const other = browser.openTab();
  browser.clock.randomValue = 0;
  await settle();
  return other;
}

const stepsOf = ({ session }: Tab) => session.log.map(({ type }) => type);
const lastOf = ({ session }: Tab, type: string) => session.log.findLast((entry) => entry.type === type);

describe("the log", () => {
  test("begins with the first answer and the key", () => {
    expect(tab.session.log).toMatchObject([
      { type: "answered", answer: "active", isOwn: true },
      { type: "key", keyStore: "indexeddb", isOwn: true },
    ]);
  });

  test("names the kinds of input that extended the session, and the deadline that they moved to", async () => {
    await browser.clock.advance(10_000);
    tab.input("key");
    tab.input("wheel");
    await browser.clock.advance(10_000);
    const entries = tab.session.log.filter(({ type }) => type === "extended");
    expect(new Set(entries.flatMap(({ inputs = [] }) => inputs))).toEqual(new Set(["key", "wheel"]));
    expect(entries.at(-1)).toMatchObject({ intent: "activity", isOwn: true });
    expect(entries.at(-1)?.expiresAt).toBe(
      tab.session.state.status === "active" && tab.session.state.expiresAt,
    );
  });

  test("names the tab that extended the session for the others", async () => {
    const other = await openAnother();
    await browser.clock.advance(10_000);
    other.input("pointer");
    await browser.clock.advance(5000);
    const own = lastOf(other, "extended");
    expect(own).toMatchObject({ isOwn: true, tab: "eeeeee" });
    expect(lastOf(tab, "extended")).toMatchObject({ isOwn: false, tab: own?.tab, activeAt: own?.activeAt });
  });

  test("says that the person answered the warning", async () => {
    await browser.clock.advance(45_000);
    expect(tab.session.state.status).toBe("warning");
    await tab.session.extend();
    expect(lastOf(tab, "extended")).toMatchObject({ intent: "extend" });
  });

  test("says what was answered before it warned, which deadline it warned of, and how the session ended", async () => {
    await browser.clock.advance(70_000);
    expect(lastOf(tab, "warned")).toMatchObject({ answer: "active", cause: "idle" });
    expect(lastOf(tab, "ended")).toMatchObject({ reason: "idle", isOwn: true });
    expect(stepsOf(tab)).toContain("unconfirmed");
  });

  test("says that it warned without the server's word", async () => {
    browser.server.isReachable = false;
    await browser.clock.advance(45_000);
    expect(lastOf(tab, "warned")).toMatchObject({ answer: "unreachable" });
  });

  test("names the tab in which the person signed out", async () => {
    const other = await openAnother();
    await other.session.end();
    await settle();
    const end = lastOf(tab, "ended");
    expect(end).toMatchObject({ reason: "signed-out", isOwn: false, tab: "eeeeee" });
  });

  test("keeps the last hundred steps and no more, and is plain data", async () => {
    for (let i = 0; i < 130; i++) await tab.session.refresh();
    expect(tab.session.log).toHaveLength(100);
    expect(JSON.parse(JSON.stringify(tab.session.log))).toEqual(tab.session.log);
    browser.server.end(sid, "revoked");
    await tab.session.refresh();
    expect(tab.session.log.at(-1)?.type).toBe("ended");
  });

  test("holds no secret: no nonce, no cookie, no key", async () => {
    tab.input("key");
    await browser.clock.advance(20_000);
    const known = new Set([
      "at",
      "type",
      "tab",
      "isOwn",
      "answer",
      "inputs",
      "intent",
      "activeAt",
      "expiresAt",
    ]);
    const more = ["cause", "reason", "keyStore"];
    for (const entry of tab.session.log)
      for (const member of Object.keys(entry)) expect([...known, ...more]).toContain(member);
  });
});
