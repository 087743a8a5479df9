/** The browser's own timers, as this package uses them. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createClock } from "../../src/browser/platform/clock.js";

const tasks: (() => void)[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal(
    "MessageChannel",
    class {
      readonly port1: { onmessage: (() => void) | null; close(): void } = { onmessage: null, close() {} };
      readonly port2 = { postMessage: () => void tasks.push(() => this.port1.onmessage?.()) };
    },
  );
});
afterEach(() => {
  tasks.length = 0;
  vi.useRealTimers();
  vi.unstubAllGlobals();
});
const runTasks = () => {
  for (const task of tasks.splice(0)) task();
};

test("calls back in a message task, never inside the timer's own callback", () => {
  const callback = vi.fn();
  createClock().after(1000, callback);
  vi.advanceTimersByTime(1000);
  expect(callback).not.toHaveBeenCalled();
  runTasks();
  expect(callback).toHaveBeenCalledOnce();
});

test("does not call back once stopped, not even from a task that is already queued", () => {
  const callback = vi.fn();
  const stop = createClock().after(1000, callback);
  vi.advanceTimersByTime(1000);
  stop();
  runTasks();
  expect(callback).not.toHaveBeenCalled();
});

test("keeps a delay that is longer than a browser's timer can", () => {
  const callback = vi.fn();
  const limit = 2 ** 31 - 1;
  createClock().after(limit + 5000, callback);
  vi.advanceTimersByTime(limit);
  runTasks();
  expect(callback).not.toHaveBeenCalled();
  vi.advanceTimersByTime(5000);
  runTasks();
  expect(callback).toHaveBeenCalledOnce();
});
