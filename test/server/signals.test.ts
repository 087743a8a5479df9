import { afterEach, expect, test, vi } from "vitest";
import { memoryStore } from "../../src/server/stores/memory.js";
import type { SessionStore } from "../../src/server/stores/store.js";
import { ORIGIN, TestBrowser } from "./support/test-browser.js";
import { createTestClock } from "./support/test-clock.js";
import { createTestVerifier, MINUTE } from "./support/test-verifier.js";

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

test.each(["fails", "hangs"])(
  "at the deadline the signal fires also where the store %s: nobody can say that the session lives",
  async (how) => {
    vi.useFakeTimers();
    const store = memoryStore({ clock: createTestClock() });
    const { sessions } = createTestVerifier({ store });
    const browser = await TestBrowser.signedIn(sessions);
    const result = await sessions.check(browser.request("/"));
    const signal = result.status === "active" ? result.signal : AbortSignal.abort();
    vi.spyOn(store, "find").mockImplementation(() =>
      how === "fails" ? Promise.reject(new Error("down")) : new Promise(() => {}),
    );
    await vi.advanceTimersByTimeAsync(15 * MINUTE - 1_000);
    expect(signal.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(signal.aborted).toBe(true);
    expect(signal.reason).toMatchObject({ code: "session-ended", reason: null, endedAt: null });
    await sessions.close();
  },
);

test("a heartbeat that is accepted while the store does not answer the look at the deadline keeps the signal", async () => {
  vi.useFakeTimers();
  const clock = createTestClock();
  const store = memoryStore({ clock });
  const { sessions } = createTestVerifier({ store });
  const browser = await TestBrowser.signedIn(sessions);
  const result = await sessions.check(browser.request("/"));
  const signal = result.status === "active" ? result.signal : AbortSignal.abort();
  const find = vi.spyOn(store, "find").mockImplementation(() => new Promise(() => {}));
  // The store's own clock is a little behind this process's.
  await vi.advanceTimersByTimeAsync(15 * MINUTE);
  clock.advance(15 * MINUTE - 100);
  expect((await browser.beat(clock.now())).status).toBe(200);
  find.mockRestore();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(signal.aborted).toBe(false);
  await sessions.close();
});

/** Many sessions on one node, and a node beside it that ends them. */
async function watchedOn(store: SessionStore, count: number) {
  const [here, there] = [createTestVerifier({ store }).sessions, createTestVerifier({ store }).sessions];
  const all: { readonly sid: string; readonly signal: AbortSignal }[] = [];
  for (let at = 0; at < count; at++) {
    const started = await here.start(new Request(`${ORIGIN}/sign-in`, { method: "POST" }), {
      subject: `${at}`,
    });
    const cookie = started.headers.get("set-cookie")?.split(";")[0] ?? "";
    const found = await here.check(new Request(`${ORIGIN}/`, { headers: { cookie } }));
    if (found.status === "active") all.push({ sid: found.session.sid, signal: found.signal });
  }
  const aborted = () => all.filter(({ signal }) => signal.aborted).length;
  return { here, there, all, aborted };
}

test("with 3,000 sessions that are watched an end on another node is heard of within half a second", async () => {
  vi.useFakeTimers();
  const { there, all, aborted } = await watchedOn(memoryStore(), 3_000);
  await vi.advanceTimersByTimeAsync(1_000);
  await there.end(all[2_321]?.sid ?? "");
  await there.end(all[17]?.sid ?? "");
  expect(aborted()).toBe(0);
  await vi.advanceTimersByTimeAsync(500);
  expect(aborted()).toBe(2);
});

test("a store that tells of no ends is looked at for up to 1,000 sessions a second, some at a time", async () => {
  vi.useFakeTimers();
  const { endedSince, ...store } = memoryStore();
  expect(endedSince).toBeDefined();
  let isSlow = false;
  let under = 0;
  let most = 0;
  const find = async (sid: string) => {
    if (!isSlow) return store.find(sid);
    most = Math.max(most, ++under);
    await new Promise((resolve) => setTimeout(resolve, 10));
    under--;
    return store.find(sid);
  };
  const { there, all, aborted } = await watchedOn({ ...store, find }, 1_000);
  await vi.advanceTimersByTimeAsync(2_000);
  await there.end(all[999]?.sid ?? "");
  isSlow = true;
  await vi.advanceTimersByTimeAsync(1_500);
  expect(aborted()).toBe(1);
  expect(most).toBeGreaterThan(10);
  expect(most).toBeLessThanOrEqual(50);
});

test("a store that cannot tell of ends for a while tells of them afterwards, and looks go on meanwhile", async () => {
  vi.useFakeTimers();
  const store = memoryStore();
  let isAway = false;
  const endedSince = async (app: string, since: string | null) => {
    if (isAway || store.endedSince === undefined) throw new Error("away");
    return store.endedSince(app, since);
  };
  const { there, all, aborted } = await watchedOn({ ...store, endedSince }, 2_000);
  await vi.advanceTimersByTimeAsync(1_000);
  isAway = true;
  for (const { sid } of all.slice(0, 200)) await there.end(sid);
  await vi.advanceTimersByTimeAsync(3_000);
  // By looks alone, 200 of the 2,000 a second.
  expect(aborted()).toBeLessThan(200);
  isAway = false;
  await vi.advanceTimersByTimeAsync(500);
  expect(aborted()).toBe(200);
});
