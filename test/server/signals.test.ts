import { afterEach, expect, test, vi } from "vitest";
import { memoryStore } from "../../src/server/stores/memory.js";
import { TestBrowser } from "./support/test-browser.js";
import { createTestVerifier } from "./support/test-verifier.js";

afterEach(() => {
  vi.useRealTimers();
});

async function open(verifier: ReturnType<typeof createTestVerifier>) {
  const browser = await TestBrowser.signedIn(verifier.sessions);
  const result = await verifier.sessions.check(browser.request("/socket"));
  if (result.status !== "active") throw new Error("the session should live");
  return { browser, signal: result.signal };
}

test("the signal fires at once when this process ends the session", async () => {
  const verifier = createTestVerifier();
  const { browser, signal } = await open(verifier);
  expect(signal.aborted).toBe(false);
  await verifier.sessions.end(browser.live.sid);
  expect(signal.aborted).toBe(true);
});

test("the signal says why and when", async () => {
  const verifier = createTestVerifier();
  const { browser, signal } = await open(verifier);
  await verifier.sessions.end(browser.live.sid);
  expect(signal.reason).toMatchObject({
    name: "AbortError",
    code: "session-ended",
    reason: "revoked",
    endedAt: verifier.clock.now(),
  });
});

test("a signal that is first looked at after the end fires at once", async () => {
  const { sessions } = createTestVerifier();
  const browser = await TestBrowser.signedIn(sessions);
  const result = await sessions.check(browser.request("/slow"));
  await sessions.end(browser.live.sid);
  const signal = result.status === "active" ? result.signal : null;
  await vi.waitFor(() => expect(signal?.aborted).toBe(true));
});

test("the signal fires at the deadline, and later where activity has moved it", async () => {
  vi.useFakeTimers();
  const verifier = createTestVerifier({ policy: { idle: "60s", absolute: "10m", warning: "25s" } });
  const { clock } = verifier;
  const { browser, signal } = await open(verifier);
  const pass = async (duration: number) => {
    clock.advance(duration);
    await vi.advanceTimersByTimeAsync(duration);
  };
  await pass(40_000);
  await browser.beat(clock.now());
  await pass(59_999);
  expect(signal.aborted).toBe(false);
  await pass(1);
  expect(signal.aborted).toBe(true);
  await verifier.sessions.close();
});

test("the signal fires within a second of an end on another node", async () => {
  vi.useFakeTimers();
  const store = memoryStore();
  const [here, there] = [createTestVerifier({ store }), createTestVerifier({ store })];
  const { browser, signal } = await open(here);
  await there.sessions.end(browser.live.sid);
  expect(signal.aborted).toBe(false);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(signal.aborted).toBe(true);
});

test("a signal outlives a store that does not answer for a while", async () => {
  vi.useFakeTimers();
  const store = memoryStore();
  const { sessions } = createTestVerifier({ store });
  const browser = await TestBrowser.signedIn(sessions);
  const result = await sessions.check(browser.request("/"));
  const signal = result.status === "active" ? result.signal : AbortSignal.abort();
  const find = vi.spyOn(store, "find").mockRejectedValue(new Error("down"));
  await vi.advanceTimersByTimeAsync(3_000);
  expect(signal.aborted).toBe(false);
  find.mockRestore();
  await sessions.end(browser.live.sid);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(signal.aborted).toBe(true);
});
