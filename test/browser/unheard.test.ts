/** Nobody is told that they were away who could not be heard, and a developer is told why. */
import { beforeEach, expect, test } from "vitest";
import type { Answer } from "../../src/browser/verifier/transport.js";
import { FakeBrowser, type Tab } from "./fake-browser.js";
import { settle } from "./fake-clock.js";

const AWAY: Answer = { type: "unreachable", code: "unreachable", retryAfter: 0, cause: 403 };
const problem = (code: "bind-closed" | "bad-heartbeat"): Answer => ({
  type: "problem",
  problem: { type: `urn:curfew:${code}`, status: 403, title: code },
});

let browser: FakeBrowser;
let tab: Tab;
let errors: string[];

beforeEach(() => {
  browser = new FakeBrowser();
  browser.server.signIn();
});

async function open(): Promise<void> {
  tab = browser.openTab();
  errors = [];
  tab.session.on("error", ({ code }) => errors.push(code));
  await settle();
}

const answerTo = (refused: string, answer: Answer) => {
  browser.server.intercept = (call) => (call === refused ? answer : null);
};

/** Works for half a minute, and then waits for the end. */
async function workUntilEnd(): Promise<void> {
  for (let step = 0; step < 30; step++) {
    tab.input("key");
    await browser.clock.advance(1_000);
  }
  await browser.clock.advance(70_000);
  expect(tab.session.state).toMatchObject({ status: "ended", reason: "idle" });
}

const isUnheard = () => "unheard" in tab.session.state;

test.each([
  ["whose key was never bound", "key", AWAY],
  ["who came too late to bind a key", "key", problem("bind-closed")],
  ["whose heartbeats never arrived", "heartbeat", AWAY],
  ["whose heartbeats were refused", "heartbeat", problem("bad-heartbeat")],
] as const)("an end says that the person was not heard %s", async (_name, call, answer) => {
  answerTo(call, answer);
  await open();
  await workUntilEnd();
  expect(isUnheard()).toBe(true);
});

test("an end says so where the last of what a person did has not arrived", async () => {
  await open();
  tab.input("key");
  await browser.clock.advance(10_000);
  answerTo("heartbeat", AWAY);
  await workUntilEnd();
  expect(isUnheard()).toBe(true);
});

test("an end of somebody who was away says nothing of it, however much they did before", async () => {
  await open();
  await workUntilEnd();
  expect(isUnheard()).toBe(false);
});

test("an end for another reason says nothing of it", async () => {
  answerTo("key", AWAY);
  await open();
  browser.server.end(browser.server.cookie ?? "", "revoked");
  await tab.session.refresh();
  expect(tab.session.state).toEqual(expect.not.objectContaining({ unheard: true }));
});

test("who comes too late to bind a key hears of that, by the event and by what `extend` is refused with", async () => {
  answerTo("key", problem("bind-closed"));
  await open();
  expect(errors).toEqual(["bind-closed"]);
  await expect(tab.session.extend()).rejects.toMatchObject({ code: "bind-closed" });
});

test("whose key is another than the bound one hears of that", async () => {
  await open();
  browser.keys.clear();
  await open();
  expect(errors).toEqual(["key-mismatch"]);
  await expect(tab.session.extend()).rejects.toMatchObject({ code: "key-mismatch" });
});
