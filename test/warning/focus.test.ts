// @vitest-environment happy-dom
// Where the focus goes when the warning changes, when something rises above it, and when it closes.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { attachWarning } from "../../src/warning/attach-warning.js";
import { absoluteState, createFakeSession, type FakeSession, liveState } from "./fake-session.js";

const ACTIVE = liveState({ status: "active" });

let session: FakeSession;
let detach: () => void;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  session = createFakeSession();
  // A press of `click()` stands for a person's.
  Object.defineProperty(navigator, "userActivation", { configurable: true, value: { isActive: true } });
  document.body.innerHTML = '<main><form><div tabindex="-1" id="row"><input id="field"></div></form></main>';
  detach = attachWarning(session);
});

afterEach(() => {
  detach();
  vi.useRealTimers();
});

const root = () => document.querySelector("curfew-warning")?.shadowRoot as ShadowRoot;
const dialog = () => root().querySelector("dialog") as HTMLDialogElement;
const title = () => root().querySelector("h2") as HTMLElement;
const byId = (id: string) => document.getElementById(id) as HTMLElement;

/** What the title said each time that the focus came to it from elsewhere. */
function titlesFocused(): string[] {
  const found: string[] = [];
  const focus = title().focus.bind(title());
  vi.spyOn(title(), "focus").mockImplementation(() => {
    if (root().activeElement !== title()) found.push(title().textContent);
    focus();
  });
  return found;
}

test("the end takes the focus anew where the title has it already", () => {
  session.become(absoluteState(), 20_000);
  expect(root().activeElement).toBe(title());
  const focused = titlesFocused();
  session.become({ status: "ended", reason: "absolute", endedAt: 0 }, null);
  expect(focused).toEqual(["We signed you out"]);
});

test("an answer that comes late is told of as well: what the title says changes under the focus", () => {
  session.become(liveState({ status: "unconfirmed" }), 0);
  vi.advanceTimersByTime(1000);
  const focused = titlesFocused();
  session.become(liveState({ status: "unconfirmed", reachable: false }), 0);
  expect(focused).toEqual(["We cannot check whether you are signed in"]);
  session.become({ status: "ended", reason: "idle", endedAt: 0 }, null);
  expect(focused).toEqual(["We cannot check whether you are signed in", "We signed you out"]);
});

test("a page that is shown no warning is not made to lay itself out, as it is by asking where it has scrolled to", () => {
  const asked = vi.fn(() => 0);
  const own = Object.getOwnPropertyDescriptor(globalThis, "scrollX");
  Object.defineProperty(globalThis, "scrollX", { configurable: true, get: asked });
  detach();
  session = createFakeSession();
  detach = attachWarning(session);
  session.become(ACTIVE, null);
  const before = asked.mock.calls.length;
  session.become(absoluteState(), 20_000);
  session.become({ status: "ended", reason: "absolute", endedAt: 0 }, null);
  session.become(ACTIVE, null);
  Object.defineProperty(globalThis, "scrollX", own ?? { configurable: true, value: 0 });
  expect(before).toBe(0);
  expect(asked).toHaveBeenCalled();
});

test("a second look at the same state moves no focus", () => {
  session.become({ status: "ended", reason: "idle", endedAt: 0 }, null);
  const focused = titlesFocused();
  session.become({ status: "ended", reason: "idle", endedAt: 0 }, null);
  expect(focused).toEqual([]);
});

test.each(["toggle", "fullscreenchange"])("rises again above what enters the top layer: %s", (type) => {
  session.become(liveState(), 100_000);
  const showModal = vi.spyOn(dialog(), "showModal");
  const popover = document.body.appendChild(document.createElement("div"));
  Object.defineProperty(document, "fullscreenElement", { configurable: true, value: popover });
  popover.dispatchEvent(Object.assign(new Event(type, { bubbles: type !== "toggle" }), { newState: "open" }));
  expect(showModal).toHaveBeenCalled();
});

test("a popover that closes raises nothing", () => {
  session.become(liveState(), 100_000);
  const showModal = vi.spyOn(dialog(), "showModal");
  byId("row").dispatchEvent(Object.assign(new Event("toggle"), { newState: "closed" }));
  expect(showModal).not.toHaveBeenCalled();
});

test("where the field is gone, the focus goes to the nearest place that is still there", () => {
  byId("field").focus();
  session.become(liveState(), 100_000);
  byId("field").remove();
  session.become(ACTIVE, 900_000);
  expect(document.activeElement).toBe(byId("row"));
});

test("where all of it is gone, the focus goes to the page's main part, which is no tab stop afterwards", () => {
  byId("field").focus();
  session.become(liveState(), 100_000);
  const main = document.querySelector("main") as HTMLElement;
  main.innerHTML = '<button id="other">Other</button>';
  session.become(ACTIVE, 900_000);
  expect(document.activeElement).toBe(main);
  byId("other").focus();
  expect(main.hasAttribute("tabindex")).toBe(false);
});

test("a press that began before an answer counts is none, however late it is let go", () => {
  session.become(liveState(), 100_000);
  const primary = root().querySelector("[part=primary]") as HTMLElement;
  const options = { bubbles: true, composed: true, cancelable: true };
  primary.dispatchEvent(new PointerEvent("pointerdown", options));
  vi.advanceTimersByTime(700);
  primary.dispatchEvent(new MouseEvent("click", options));
  expect(session.calls).toEqual([]);
  primary.dispatchEvent(new PointerEvent("pointerdown", options));
  primary.dispatchEvent(new MouseEvent("click", options));
  expect(session.calls).toEqual(["extend"]);
});
