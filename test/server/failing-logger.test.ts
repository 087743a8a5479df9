/** A logger that fails itself takes nothing with it. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { memoryStore } from "../../src/server/stores/memory.js";
import { TestBrowser } from "./support/test-browser.js";
import { createTestVerifier } from "./support/test-verifier.js";

const unhandled: unknown[] = [];
const listener = (error: unknown) => void unhandled.push(error);

beforeEach(() => {
  unhandled.length = 0;
  process.on("unhandledRejection", listener);
});
afterEach(() => {
  process.off("unhandledRejection", listener);
});

const broken = () => {
  throw new Error("the log is full");
};
const brokenLater = async () => broken();

test.each<[string, () => void]>([
  ["throws", broken],
  ["rejects", brokenLater],
])("a logger that %s ends no process, and nothing that was to be told of fails", async (_how, fail) => {
  const { sessions } = createTestVerifier({
    store: memoryStore(),
    logger: { info: fail, warn: fail, error: fail },
    audit: { write: broken },
    onEnd: broken,
  });
  const browser = await TestBrowser.signedIn(sessions);
  expect((await sessions.check(browser.request("/"))).status).toBe("active");
  const foreign = { method: "POST", headers: { origin: "https://elsewhere.test" } };
  expect((await sessions.handle(browser.request("/curfew/end", foreign))).status).toBe(403);
  await sessions.end(browser.live.sid);
  expect((await sessions.check(browser.request("/"))).status).toBe("ended");
  await sessions.close();
  await new Promise((resolve) => setImmediate(resolve));
  expect(unhandled).toEqual([]);
});
