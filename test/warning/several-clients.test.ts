// @vitest-environment happy-dom
// Two clients on one page: one element, which tells of the one whose person has the least time.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { attachWarning } from "../../src/warning/attach-warning.js";
import { absoluteState, createFakeSession, type FakeSession, liveState } from "./fake-session.js";

const ACTIVE = liveState({ status: "active" });
const ENDED = { status: "ended", reason: "idle", endedAt: 0 } as const;

let aa: FakeSession;
let bb: FakeSession;
let stops: (() => void)[];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  document.body.innerHTML = "";
  [aa, bb] = [createFakeSession(ACTIVE), createFakeSession(ACTIVE)];
  stops = [attachWarning(aa, { service: "Ward" }), attachWarning(bb, { service: "Bank" })];
});

afterEach(() => {
  for (const stop of stops) stop();
  vi.useRealTimers();
});

const element = () => document.querySelector("curfew-warning");
const textOf = (name: string) => element()?.shadowRoot?.querySelector(`[part=${name}]`)?.textContent;
/** Whose words are shown, and of what kind; null where nothing is. */
const shown = () => {
  vi.advanceTimersByTime(1_000);
  const kind = element()?.getAttribute("kind") ?? null;
  return kind && `${textOf("service")} ${kind}`;
};

test("the first one's warning is shown though another was connected after it", () => {
  aa.become(liveState(), 20_000);
  expect(shown()).toBe("Ward idle");
  aa.become(ACTIVE, 900_000);
  expect(shown()).toBe(null);
});

test("of two warnings the one with less time is shown, and then the other", () => {
  bb.become(liveState(), 60_000);
  expect(shown()).toBe("Bank idle");
  aa.become(liveState(), 20_000);
  expect(shown()).toBe("Ward idle");
  aa.become(ACTIVE, 900_000);
  expect(shown()).toBe("Bank idle");
});

test("the end of each has its words: no page is covered without a reason", () => {
  aa.become(ENDED, null);
  expect(shown()).toBe("Ward ended");
  bb.become(ENDED, null);
  expect(shown()).toMatch(/ended$/);
  stops[1]?.();
  expect(shown()).toBe("Ward ended");
});

test("who can still answer is asked first, on a page that the other one's end has covered", () => {
  aa.become(ENDED, null);
  bb.become(liveState(), 20_000);
  expect(shown()).toBe("Bank idle");
  bb.become(ACTIVE, 900_000);
  expect(shown()).toBe("Ward ended");
});

test("a notice that can be closed does not hide why the page is covered", () => {
  aa.become(liveState({ status: "unconfirmed" }), 0);
  bb.become(absoluteState(), 100_000);
  expect(shown()).toBe("Ward unconfirmed");
});

test("the element goes with its last client", () => {
  stops[0]?.();
  expect(element()).not.toBe(null);
  stops[1]?.();
  expect(element()).toBe(null);
});
