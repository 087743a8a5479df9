// @vitest-environment happy-dom
// Two clients on one page: one element, which tells of the one whose person has the least time.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { BeforeEndEvent } from "../../src/browser/platform/session-client.types.js";
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

test("an answer is heard, whichever client has asked", () => {
  for (const session of [aa, bb]) {
    session.become(liveState(), 20_000);
    expect(shown()).not.toBe(null);
    session.become(ACTIVE, 900_000);
    vi.advanceTimersByTime(1_000);
    expect(textOf("done")).toBe("You are still signed in.");
    vi.advanceTimersByTime(20_000);
    expect(textOf("done")).toBe("");
  }
});

test("a client that comes when nobody is asked anything has the element", () => {
  aa.become(liveState(), 20_000);
  aa.become(ACTIVE, 900_000);
  stops.push(attachWarning(createFakeSession(ACTIVE), { countdown: "calm" }));
  expect(element()?.getAttribute("countdown")).toBe("calm");
});

test("the page hears that work is to be saved for each session, also for the one that is not shown", () => {
  const phases: string[] = [];
  const hear = ({ detail }: CustomEvent<BeforeEndEvent>) => phases.push(detail.phase);
  document.addEventListener("curfew-before-end", hear);
  aa.become(liveState(), 60_000);
  bb.become(liveState(), 20_000);
  expect(shown()).toBe("Bank idle");
  for (const session of [aa, bb]) session.emit("before-end", { phase: "soon", waitUntil: () => {} });
  document.removeEventListener("curfew-before-end", hear);
  expect(phases).toEqual(["soon", "soon"]);
});

test("the page hears of each new sign-in, also of the one whose session is not shown", () => {
  const sids: string[] = [];
  const hear = ({ detail }: CustomEvent<{ readonly sid: string }>) => sids.push(detail.sid);
  document.addEventListener("curfew-uncovered", hear);
  for (const session of [aa, bb]) session.become(ENDED, null);
  aa.become(liveState({ status: "active", sid: "a2" }), 900_000);
  bb.become(liveState({ status: "active", sid: "b2" }), 900_000);
  document.removeEventListener("curfew-uncovered", hear);
  expect(sids).toEqual(["a2", "b2"]);
});

test("a client that is connected twice is told of once", () => {
  stops.push(attachWarning(aa, { work: "saved" }));
  const told: string[] = [];
  const hear = ({ type }: Event) => told.push(type);
  for (const type of ["curfew-before-end", "curfew-uncovered"]) document.addEventListener(type, hear);
  aa.emit("before-end", { phase: "soon", waitUntil: () => {} });
  aa.become(ENDED, null);
  aa.become(liveState({ status: "active", sid: "a2" }), 900_000);
  for (const type of ["curfew-before-end", "curfew-uncovered"]) document.removeEventListener(type, hear);
  expect(told).toEqual(["curfew-before-end", "curfew-uncovered"]);
});

test("the page is not left for the end of one session while the other one's person is asked", () => {
  const leave = vi.spyOn(location, "assign").mockImplementation(() => {});
  stops.push(attachWarning(aa, { expired: "redirect" }));
  bb.become(liveState(), 20_000);
  aa.become(ENDED, null);
  aa.emit("ended", ENDED);
  expect(leave).not.toHaveBeenCalled();
  bb.become(ENDED, null);
  stops.push(attachWarning(bb, { expired: "redirect" }));
  bb.emit("ended", ENDED);
  expect(leave).toHaveBeenCalledTimes(1);
  leave.mockRestore();
});

test.each([0, 1])(
  "whoever types is not interrupted, though they typed before client %i was shown",
  (which) => {
    // Each has been shown once.
    for (const session of [aa, bb]) {
      session.become(liveState(), 20_000);
      session.become(ACTIVE, 900_000);
    }
    vi.advanceTimersByTime(20_000);
    dispatchEvent(new KeyboardEvent("keydown", { key: "x" }));
    vi.advanceTimersByTime(100);
    [aa, bb][which]?.become(liveState(), 60_000);
    expect(element()?.getAttribute("kind")).toBe(null);
    vi.advanceTimersByTime(3_000);
    expect(element()?.getAttribute("kind")).toBe("idle");
  },
);

test("what is said after an answer goes when another client has the element", () => {
  aa.become(liveState(), 20_000);
  expect(shown()).toBe("Ward idle");
  aa.become(ACTIVE, 900_000);
  vi.advanceTimersByTime(1_000);
  expect(textOf("done")).toBe("You are still signed in.");
  stops.push(attachWarning(createFakeSession(ACTIVE)));
  expect(textOf("done")).toBe("");
});

test("a drawing that fails takes no event from the page, and a connection that fails leaves nothing", () => {
  let told = 0;
  const hear = () => void told++;
  document.addEventListener("curfew-uncovered", hear);
  bb.become(ENDED, null);
  const drawing = vi.spyOn(bb, "remaining").mockImplementation(() => {
    throw new Error("no time");
  });
  expect(() => bb.become(liveState({ status: "active", sid: "b2" }), 900_000)).toThrow("no time");
  document.removeEventListener("curfew-uncovered", hear);
  drawing.mockRestore();
  expect(told).toBe(1);
  bb.become(ACTIVE, 900_000);
  const broken = createFakeSession(ACTIVE);
  const subscribe = vi.spyOn(broken, "subscribe");
  vi.spyOn(broken, "remaining").mockImplementation(() => {
    throw new Error("no time");
  });
  broken.become(liveState(), 20_000);
  expect(() => attachWarning(broken)).toThrow("no time");
  expect(subscribe).toHaveBeenCalled();
  expect(() => broken.become(ENDED, null)).not.toThrow();
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

test("a client that goes takes nothing from the one that has just been answered", () => {
  stops.push(attachWarning(createFakeSession(ACTIVE)));
  aa.become(liveState(), 20_000);
  expect(shown()).toBe("Ward idle");
  aa.become(ACTIVE, 900_000);
  stops[1]?.();
  vi.advanceTimersByTime(1_000);
  expect(textOf("done")).toBe("You are still signed in.");
});

test("the element goes with its last client", () => {
  stops[0]?.();
  expect(element()).not.toBe(null);
  stops[1]?.();
  expect(element()).toBe(null);
});
