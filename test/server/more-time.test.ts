// A person who needs more time to answer has it for good: by an attribute that the app keeps, within the policy.
import { expect, test } from "vitest";
import type { PolicyOptions } from "../../src/server/policy/policy.types.js";
import { createTestKey, TestBrowser } from "./support/test-browser.js";
import { createTestVerifier, MINUTE } from "./support/test-verifier.js";

const POLICY: PolicyOptions = {
  idle: "15m",
  absolute: "12h",
  warning: "2m",
  rules: [
    { name: "more time to answer", attributes: { moreTime: true }, idle: "15m", warning: "10m" },
    {
      name: "more time between",
      attributes: { moreTime: "idle" },
      idle: "30m",
      warning: "10m",
      relax: true,
      justification: "People who read by a screen reader or answer by a switch (WCAG 2.2.1).",
    },
  ],
};

async function signedIn(attributes?: Record<string, string | boolean>) {
  const verifier = createTestVerifier({ policy: POLICY });
  const browser = new TestBrowser(verifier.sessions, await createTestKey());
  await browser.signIn("ann", attributes === undefined ? {} : { attributes });
  await browser.bind();
  return { ...verifier, browser };
}

test("who has asked for more time is warned earlier, from the next answer on, and the session ends when it did", async () => {
  const { browser, sessions } = await signedIn();
  const { idleExpiresAt } = browser.live;
  expect(browser.live.warningPeriod).toBe(2 * MINUTE);
  await sessions.update(browser.request("/settings"), { attributes: { moreTime: true } });
  const { body } = await browser.ask();
  expect([body.warningPeriod, body.idleExpiresAt]).toEqual([10 * MINUTE, idleExpiresAt]);
});

test("the app gives it at each sign-in, and it holds from the first answer on", async () => {
  const { browser } = await signedIn({ moreTime: true });
  expect([browser.live.warningPeriod, browser.live.idleTimeout]).toEqual([10 * MINUTE, 15 * MINUTE]);
});

test("a longer pause is the policy's to allow, and holds from the sign-in", async () => {
  const { browser } = await signedIn({ moreTime: "idle" });
  expect([browser.live.warningPeriod, browser.live.idleTimeout]).toEqual([10 * MINUTE, 30 * MINUTE]);
});

test("nobody gets it by an attribute that the policy does not name", async () => {
  const { browser } = await signedIn({ moreTime: "please" });
  expect([browser.live.warningPeriod, browser.live.idleTimeout]).toEqual([2 * MINUTE, 15 * MINUTE]);
});
