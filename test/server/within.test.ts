import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test, vi } from "vitest";
import { within } from "../../src/server/platform/clock.js";
import { memoryStore } from "../../src/server/stores/memory.js";
import { ownTimeOf, startStopwatch } from "../timing.js";
import { TestBrowser } from "./support/test-browser.js";
import { createTestVerifier } from "./support/test-verifier.js";

const FILE = fileURLToPath(import.meta.url);
const late = () => new Error("late");

afterEach(() => {
  vi.useRealTimers();
});

function standStill(duration: number): void {
  const until = performance.now() + duration;
  while (performance.now() < until);
}

/** Something that this process must read from outside, one after the other. */
async function readings(count: number): Promise<number> {
  for (let at = 0; at < count; at++) await readFile(FILE);
  return count;
}

test.each([300, 1_000])(
  "an answer that has come while this process stood still for %i ms is in time",
  async (duration) => {
    const answer = within(250, readings(1), late);
    standStill(duration);
    expect(await answer).toBe(1);
  },
);

test("a process that stands still within the call's steps again and again has time for all of them", async () => {
  const stalls = setInterval(() => standStill(100), 5);
  try {
    // A reading takes some turns of the event loop, and after five the time would be up by the clock.
    expect(await within(500, readings(2), late)).toBe(2);
  } finally {
    clearInterval(stalls);
  }
});

test("what never answers is late after that time, and not before", async () => {
  const startedAt = performance.now();
  const own = await ownTimeOf(() => expect(within(100, new Promise(() => {}), late)).rejects.toThrow("late"));
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(99);
  expect(own).toBeLessThan(1_000);
});

test("what never answers is late after that time and the time for which this process stood still", async () => {
  const startedAt = performance.now();
  const answer = within(100, new Promise(() => {}), late);
  standStill(300);
  const own = await ownTimeOf(() => expect(answer).rejects.toThrow("late"));
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(300);
  expect(own).toBeLessThan(1_200);
});

test("a time as long as a body may take is kept to as well", async () => {
  vi.useFakeTimers();
  let isLate = false;
  const answer = within(10_000, new Promise(() => {}), late).catch(() => {
    isLate = true;
  });
  await vi.advanceTimersByTimeAsync(9_900);
  expect(isLate).toBe(false);
  await vi.advanceTimersByTimeAsync(200);
  await answer;
  expect(isLate).toBe(true);
});

test("a store whose answer has come while this process stood still lets the person in", async () => {
  const inner = memoryStore();
  const store = {
    ...inner,
    findBySecret: async (hash: string) => inner.findBySecret(hash + (await nothing())),
  };
  const { sessions } = createTestVerifier({ store });
  const browser = await TestBrowser.signedIn(sessions);
  const check = sessions.check(browser.request("/"));
  // Once the store has been asked.
  await new Promise((resolve) => setTimeout(resolve));
  standStill(600);
  expect((await check).status).toBe("active");
  await sessions.close();
});

/** No text, as slowly as a file is read. */
async function nothing(): Promise<string> {
  return (await readFile(FILE, "utf8")).slice(0, 0);
}

test("a store that hangs in its self-test: 503 in time for every request, and ready() waits for it", async () => {
  let goOn = () => {};
  const hanging = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const store = { ...memoryStore(), check: () => hanging };
  const { sessions } = createTestVerifier({ store });
  const ready = sessions.ready();
  const browser = new TestBrowser(sessions, (await TestBrowser.signedIn(createTestVerifier().sessions)).key);
  const stopwatch = startStopwatch();
  const check = await sessions.check(browser.request("/"));
  const { status, headers } = await browser.ask();
  expect(stopwatch.since()).toBeLessThan(1_500);
  stopwatch.stop();
  expect({ check: check.status, status }).toEqual({ check: "unavailable", status: 503 });
  expect(headers.get("retry-after")).toBe("1");
  goOn();
  await ready;
  expect((await sessions.check(browser.request("/"))).status).toBe("none");
  await sessions.close();
});
