// @vitest-environment happy-dom
// What a person can do about the warning, and what they are told of it: beyond the plain "Stay signed in".
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  INITIAL_STATE,
  type MachineEvent,
  publicStateOf,
  type SessionFacts,
  transition,
  warnAtOf,
} from "../../src/session/machine.js";
import { attachWarning } from "../../src/warning/attach-warning.js";
import type { WarningOptions } from "../../src/warning/curfew-warning.js";
import { absoluteState, createFakeSession, type FakeSession, liveState } from "./fake-session.js";

const ACTIVE = liveState({ status: "active" });
const FACTS: SessionFacts = {
  sid: "one",
  now: 0,
  idleExpiresAt: 900_000,
  absoluteExpiresAt: 9_000_000,
  expiresAt: 900_000,
  warningPeriod: 25_000,
  canExtend: true,
};
const AWAY = liveState({ status: "unconfirmed", reachable: false });

let session: FakeSession;
let detach: () => void = () => {};
let hasPressed: boolean;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  session = createFakeSession();
  hasPressed = true;
  Object.defineProperty(navigator, "userActivation", {
    configurable: true,
    value: {
      get isActive() {
        return hasPressed;
      },
    },
  });
  document.head.innerHTML = "<title>Notes of patient Doe</title>";
  document.body.innerHTML = '<main><input id="field"></main>';
});

afterEach(() => {
  detach();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const attach = (options: WarningOptions = {}) => {
  detach = attachWarning(session, options);
};
const host = () => document.querySelector("curfew-warning") as HTMLElement;
const part = (selector: string) => host().shadowRoot?.querySelector(selector) as HTMLElement;
const text = (name: string) => part(`[part=${name}]`).textContent;
const press = (name: string) => part(`[part=${name}]`).click();

function pass(milliseconds: number): void {
  for (let left = milliseconds; left > 0; left -= 250) {
    session.leave(Math.max(0, (session.remaining() ?? 0) - Math.min(left, 250)));
    vi.advanceTimersByTime(Math.min(left, 250));
  }
}

function warn(state = liveState(), remaining = 120_000): void {
  session.become(state, remaining);
  pass(1000);
}

test.each([
  ["primary", "extend"],
  ["secondary", "end"],
])("a script's press of the %s button asks for nothing, and says what to do", (name, call) => {
  attach();
  warn();
  hasPressed = false;
  press(name);
  expect(session.calls).toEqual([]);
  expect(text("error")).toBe("Press the button yourself, with a key, the mouse or a finger.");
  hasPressed = true;
  press(name);
  expect(session.calls).toEqual([call]);
  expect(text("error")).toBe("");
});

test("a sign-out that loses work takes two presses, and the second one says so", () => {
  attach({ work: "notSaved" });
  warn();
  press("secondary");
  expect(session.calls).toEqual([]);
  expect(text("secondary")).toBe("Sign out and lose unsaved work");
  expect(text("live")).toBe("Sign out and lose unsaved work");
  press("secondary");
  expect(session.calls).toEqual(["end"]);
});

test("a press on Stay signed in takes the question back", async () => {
  attach({ work: "notSaved" });
  warn();
  press("secondary");
  press("primary");
  await session.refuse();
  expect(text("secondary")).toBe("Sign out now");
});

test("the way out can be left out", () => {
  attach({ signOut: "none" });
  warn();
  expect(part("[part=secondary]").hidden).toBe(true);
});

test("an answer that takes its time is spoken of, a quick one is not", async () => {
  attach();
  warn();
  press("primary");
  pass(400);
  expect(text("live")).toBe("");
  pass(250);
  expect(text("live")).toBe("Checking…");
  await session.refuse();
  press("primary");
  await session.answer(ACTIVE);
  pass(750);
  expect(text("done")).toBe("You are still signed in.");
});

test("a question whose answer is there within half a second covers the page and says nothing", () => {
  attach();
  warn(absoluteState(), 20_000);
  const title = () => text("title");
  session.become(liveState({ status: "unconfirmed" }), 0);
  pass(250);
  expect(title()).toBe("You need to sign in again soon");
  session.become({ status: "ended", reason: "absolute", endedAt: 0 }, null);
  expect(title()).toBe("We signed you out");
});

test("who asks in vain twice is offered to sign in again, and to load the page again", async () => {
  attach();
  warn(AWAY, 0);
  const refresh = vi.spyOn(session, "refresh").mockResolvedValue(AWAY);
  expect([part("a").hidden, part("[part=secondary]").hidden]).toEqual([true, true]);
  for (const _ of [1, 2]) {
    press("primary");
    await vi.waitFor(() => expect(refresh).toHaveBeenCalled());
  }
  await Promise.resolve();
  expect([part("a").textContent, text("secondary")]).toEqual([
    "Sign in again in a new tab",
    "Load this page again",
  ]);
});

test("a notice becomes no modal under the fingers of somebody who types, and does when they pause", () => {
  attach();
  warn(absoluteState(), 45_000);
  const field = document.getElementById("field") as HTMLInputElement;
  for (let at = 0; at < 20; at++) {
    field.dispatchEvent(new KeyboardEvent("keydown", { bubbles: true, key: "a" }));
    pass(1000);
  }
  expect(session.remaining()).toBeLessThan(30_000);
  expect([part("section").hidden, (part("dialog") as HTMLDialogElement).open]).toEqual([false, false]);
  pass(2000);
  expect([part("section").hidden, (part("dialog") as HTMLDialogElement).open]).toEqual([true, true]);
});

test("the notice is reached by F6 from anywhere, and Escape closes it where the page has no use for it", () => {
  attach();
  warn(absoluteState(), 300_000);
  const field = document.getElementById("field") as HTMLInputElement;
  field.focus();
  const key = (name: string, target: Element = field) =>
    target.dispatchEvent(new KeyboardEvent("keydown", { bubbles: true, cancelable: true, key: name }));
  key("F6");
  expect(document.activeElement).toBe(host());
  field.focus();
  field.setAttribute("aria-expanded", "true");
  key("Escape");
  expect(part("section").hidden).toBe(false);
  field.removeAttribute("aria-expanded");
  key("Escape");
  expect(part("section").hidden).toBe(true);
});

test("More shows the rest of a notice that is one line, and says so", () => {
  attach();
  warn(absoluteState(), 300_000);
  expect([text("more"), part("[part=more]").getAttribute("aria-expanded")]).toEqual(["More", "false"]);
  press("more");
  expect(part("section").hasAttribute("data-open")).toBe(true);
  expect(part("[part=more]").getAttribute("aria-expanded")).toBe("true");
});

test("the notice goes to the other end of the page where it would lie on the field that has the focus", () => {
  attach();
  warn(absoluteState(), 300_000);
  const field = document.getElementById("field") as HTMLInputElement;
  const box = (top: number) => new DOMRect(0, top, 300, 40);
  vi.spyOn(part("section"), "getBoundingClientRect").mockReturnValue(box(200));
  const rect = vi.spyOn(field, "getBoundingClientRect").mockReturnValue(box(10));
  field.dispatchEvent(new FocusEvent("focusin", { bubbles: true }));
  expect(part("section").hasAttribute("data-start")).toBe(false);
  rect.mockReturnValue(box(210));
  field.dispatchEvent(new FocusEvent("focusin", { bubbles: true }));
  expect(part("section").hasAttribute("data-start")).toBe(true);
});

test.each([
  ["comes up over the field that has the focus", 210, true],
  ["would lie on it at the other end too", 10, false],
])("the notice moves as it %s: %#", (name, top, moves) => {
  const field = document.getElementById("field") as HTMLInputElement;
  field.focus();
  const height = name.startsWith("would") ? 600 : 40;
  attach();
  // The notice's place is known from its first look on, so its class is asked.
  vi.spyOn(HTMLElement.prototype, "getBoundingClientRect").mockImplementation(function (this: HTMLElement) {
    return this === field ? new DOMRect(0, top, 300, height) : new DOMRect(0, 200, 300, 40);
  });
  warn(absoluteState(), 300_000);
  expect(part("section").hasAttribute("data-start")).toBe(moves);
});

test("the notice moves off a field that the browser scrolls under it after the focus", () => {
  attach();
  warn(absoluteState(), 300_000);
  const field = document.getElementById("field") as HTMLInputElement;
  vi.spyOn(part("section"), "getBoundingClientRect").mockReturnValue(new DOMRect(0, 200, 300, 40));
  const rect = vi.spyOn(field, "getBoundingClientRect").mockReturnValue(new DOMRect(0, 900, 300, 40));
  field.focus();
  rect.mockReturnValue(new DOMRect(0, 210, 300, 40));
  vi.advanceTimersByTime(200);
  expect(part("section").hasAttribute("data-start")).toBe(true);
});

test.each([
  ["below", 100, "148px auto auto 40px"],
  ["above, where there is no room below", 700, "592px auto auto 40px"],
])(
  "for people with a magnifier the notice can stand beside the field that has the focus: %s",
  (_name, top, inset) => {
    attach({ place: "focus" });
    warn(absoluteState(), 300_000);
    const field = document.getElementById("field") as HTMLInputElement;
    vi.spyOn(part("section"), "getBoundingClientRect").mockReturnValue(new DOMRect(0, 0, 300, 100));
    vi.spyOn(field, "getBoundingClientRect").mockReturnValue(new DOMRect(40, top, 300, 40));
    field.focus();
    expect(part("section").style.inset).toBe(inset);
  },
);

test("an answer from before the warning, late on its way, takes nothing away that is shown", () => {
  const answered = (now: number): MachineEvent => ({ type: "status", facts: { ...FACTS, now } });
  const warnAt = warnAtOf(FACTS);
  const events: readonly MachineEvent[] = [answered(0), { type: "time", now: warnAt }];
  let machine = events.reduce(transition, INITIAL_STATE);
  const follow = (event: MachineEvent, remaining: number) => {
    machine = transition(machine, event);
    session.become(publicStateOf(machine), remaining);
  };
  attach();
  follow({ type: "unreachable", now: warnAt }, 25_000);
  pass(1000);
  const close = vi.spyOn(part("dialog") as HTMLDialogElement, "close");
  follow(answered(warnAt - 60), 24_260);
  vi.advanceTimersByTime(60);
  follow(answered(warnAt + 60), 24_190);
  expect(close).not.toHaveBeenCalled();
  expect(host().getAttribute("kind")).toBe("idle");
  session.become(ACTIVE, 24_000);
  vi.advanceTimersByTime(1500);
  expect(host().hasAttribute("kind")).toBe(false);
});

test("the service is named where it has a name, in the card and in the title after the end", () => {
  document.head.innerHTML += '<meta name="application-name" content="First Bank">';
  attach();
  warn();
  expect(text("service")).toBe("First Bank");
  session.become({ status: "ended", reason: "idle", endedAt: 0 }, null);
  expect(document.title).toBe("Signed out – First Bank");
});

test("what ticks is not for readers; they find the time of the last rung", () => {
  attach();
  warn(liveState(), 95_000);
  expect(part("[part=countdown]").getAttribute("aria-hidden")).toBe("true");
  expect(text("left")).toBe("Time left: 1 minute, 30 seconds");
  pass(10_000);
  expect(text("left")).toBe("Time left: 1 minute, 30 seconds");
  pass(25_000);
  expect(text("left")).toBe("Time left: 1 minute");
});

test("the role can be dialog", () => {
  attach({ role: "dialog" });
  warn();
  expect(part("dialog").getAttribute("role")).toBe("dialog");
});
