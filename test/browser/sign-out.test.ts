/** Signing out where the server's answer is slow or lost: what has ended is never called a failure. */
import { beforeEach, expect, test } from "vitest";
import type { Answer } from "../../src/browser/verifier/transport.js";
import { FakeBrowser, type Tab } from "./fake-browser.js";
import { settle } from "./fake-clock.js";

const LOST: Answer = { type: "unreachable", code: "unreachable", retryAfter: 0 };
let browser: FakeBrowser;
let tab: Tab;

beforeEach(async () => {
  browser = new FakeBrowser();
  browser.server.signIn();
  tab = browser.openTab();
  await settle();
});

const outcomeOf = (ending: Promise<unknown>) => ending.then(() => "ended", String);

/** The server ends the session, and its answer does not come. */
function loseTheAnswer(): void {
  browser.server.intercept = (call) => {
    if (call !== "end") return null;
    browser.server.end(browser.server.cookie ?? "", "signed-out");
    return LOST;
  };
}

test("has ended the session where the answer is lost and the server says that it is over", async () => {
  loseTheAnswer();
  expect(await outcomeOf(tab.session.end())).toBe("ended");
  expect(tab.session.state).toMatchObject({ status: "ended", reason: "signed-out" });
  expect(tab.covered).toBe(true);
});

test("asks after 2 s without an answer, and waits no longer for one where the session is over", async () => {
  let arrive = () => {};
  browser.server.delay = new Promise<void>((resolve) => (arrive = resolve));
  const ending = outcomeOf(tab.session.end());
  browser.server.delay = Promise.resolve();
  browser.server.end(browser.server.cookie ?? "", "signed-out");
  await browser.clock.advance(1999);
  expect(tab.session.state.status).toBe("active");
  await browser.clock.advance(1);
  expect(await ending).toBe("ended");
  expect(tab.session.state).toMatchObject({ status: "ended", reason: "signed-out" });
  arrive();
});

test("goes on waiting for a late answer while the session lives", async () => {
  let arrive = () => {};
  browser.server.delay = new Promise<void>((resolve) => (arrive = resolve));
  const ending = outcomeOf(tab.session.end());
  browser.server.delay = Promise.resolve();
  await browser.clock.advance(6000);
  expect(tab.session.state.status).toBe("active");
  arrive();
  expect(await ending).toBe("ended");
});

test("says that nobody knows where neither the sign-out nor the question is answered", async () => {
  browser.server.isReachable = false;
  expect(await outcomeOf(tab.session.end())).toContain(
    "The server did not say whether the session has ended; try again.",
  );
  expect(tab.session.state.status).toBe("active");
});

test("has signed out where another tab was first, and has taken the cookie", async () => {
  const { server } = browser;
  server.intercept = (call) => {
    if (call !== "end") return null;
    server.intercept = () => null;
    const problem = { type: "urn:curfew:no-session", status: 401, title: "" } as const;
    server.end(server.cookie ?? "", "signed-out");
    server.cookie = null;
    return { type: "problem", problem };
  };
  expect(await outcomeOf(tab.session.end())).toBe("ended");
  expect(tab.session.state).toMatchObject({ status: "ended", reason: "signed-out" });
});

test("has not signed out where another session has taken the place of this one", async () => {
  browser.server.intercept = (call) => {
    if (call !== "end") return null;
    browser.server.signIn("ada");
    return LOST;
  };
  expect(await outcomeOf(tab.session.end())).toContain("did not say whether");
});

test("takes this session's end for no answer to a sign-out everywhere", async () => {
  loseTheAnswer();
  expect(await outcomeOf(tab.session.end("subject"))).toContain("did not say whether");
  await browser.clock.advance(2000);
  expect(tab.session.state.status).toBe("ended");
});
