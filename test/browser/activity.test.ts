/** What counts as a person's input, and what does not. */
import { setMaxListeners } from "node:events";
import { beforeEach, describe, expect, test } from "vitest";
import { gestureAt, observeActivity } from "../../src/browser/input/activity.js";
import type { TrustedEvent } from "../../src/dom/trusted-event.js";
import { FakeClock } from "./fake-clock.js";
import { FakeWindow } from "./fake-window.js";

// Node warns of many listeners on one signal; a page has one for each kind of input.
setMaxListeners(0);

let clock: FakeClock;
let page: FakeWindow;
let inputs: { timeStamp: number; kind: string }[];
let stop: () => void;

beforeEach(() => {
  clock = new FakeClock();
  page = new FakeWindow();
  inputs = [];
  stop = observe(page);
});

const observe = (target: FakeWindow) =>
  observeActivity(target as unknown as Window, {
    clock,
    onInput: (timeStamp, kind) => inputs.push({ timeStamp, kind }),
    isTrusted: (event) => !("untrusted" in event),
  });

function fire(type: string, members: Record<string, unknown> = {}, target: EventTarget = page): void {
  const event = new Event(type);
  for (const [name, value] of Object.entries({ timeStamp: clock.monotonic(), ...members }))
    Object.defineProperty(event, name, { value });
  target.dispatchEvent(event);
}
const kinds = () => inputs.map(({ kind }) => kind);
const move = (screenX: number, screenY: number) => fire("pointermove", { screenX, screenY });

test.each([
  ["pointerdown", "pointer"],
  ["pointerup", "pointer"],
  ["click", "pointer"],
  ["keydown", "key"],
  ["beforeinput", "key"],
  ["input", "key"],
  ["compositionupdate", "key"],
  ["wheel", "wheel"],
  ["touchstart", "touch"],
  ["touchmove", "touch"],
  ["paste", "other"],
  ["drop", "other"],
])("counts %s as %s", (type, kind) => {
  page.navigator.userActivation.isActive = type === "input";
  fire(type);
  expect(inputs).toEqual([{ timeStamp: clock.monotonic(), kind }]);
});

test.each(["focus", "scroll", "resize", "load", "visibilitychange", "mousemove", "pointerover"])(
  "does not count %s",
  (type) => {
    fire(type);
    expect(inputs).toEqual([]);
  },
);

test("does not count a script's event", () => {
  fire("keydown", { untrusted: true });
  fire("click", { untrusted: true });
  expect(inputs).toEqual([]);
});

test("does not count the input that follows from a script's click on a checkbox", () => {
  page.navigator.userActivation.isActive = false;
  fire("input");
  expect(inputs).toEqual([]);
});

test("does not count the input of scripts in the 5 s in which a press keeps the page active", async () => {
  fire("click");
  inputs = [];
  await clock.advance(5000);
  fire("input");
  expect(inputs).toEqual([]);
});

test("counts the input of a press that nothing told of, as in the list of a select", async () => {
  fire("pointerdown");
  inputs = [];
  await clock.advance(6000);
  fire("input");
  expect(kinds()).toEqual(["key"]);
});

test("counts what is pasted by a key, or by a menu after a while, and not what scripts paste in between", async () => {
  fire("keydown");
  fire("paste");
  await clock.advance(251);
  fire("paste");
  await clock.advance(4749);
  fire("paste");
  expect(kinds()).toEqual(["key", "other"]);
  await clock.advance(1);
  page.navigator.userActivation.isActive = false;
  fire("paste");
  expect(kinds()).toEqual(["key", "other", "other"]);
});

test.each(["input", "paste"])(
  "does not count the %s of a script while a press that a busy page took up late keeps the page active",
  async (type) => {
    fire("pointerdown", { timeStamp: clock.monotonic() - 3000 });
    inputs = [];
    await clock.advance(4900);
    fire(type);
    expect(inputs).toEqual([]);
  },
);

test("does not count what a script pastes while a press that nobody told of keeps the page active", async () => {
  fire("pointerdown");
  inputs = [];
  await clock.advance(6000);
  fire("paste");
  expect(inputs).toEqual([]);
});

test("counts input in a browser that does not tell of activation, a while after what is known to have caused some", async () => {
  Object.assign(page.navigator, { userActivation: undefined });
  fire("click");
  fire("input");
  expect(kinds()).toEqual(["pointer"]);
  await clock.advance(6000);
  fire("input");
  expect(kinds()).toEqual(["pointer", "key"]);
});

test("counts a trusted click that no pointer has led to, as a screen reader makes it", () => {
  page.navigator.userActivation.isActive = false;
  fire("click", { pointerType: "" });
  expect(kinds()).toEqual(["pointer"]);
});

test("counts nothing in a prerendered page", () => {
  page.document.prerendering = true;
  fire("keydown");
  expect(inputs).toEqual([]);
});

test("counts nothing once stopped", () => {
  stop();
  fire("keydown");
  expect(inputs).toEqual([]);
});

describe("a pointer", () => {
  test("that rests under a page that re-renders does not count", () => {
    for (let time = 0; time < 5; time++) move(10, 10);
    expect(inputs).toEqual([]);
  });

  test("that moves only sideways, or only up, counts", () => {
    move(10, 10);
    move(11, 10);
    move(11, 9);
    expect(kinds()).toEqual(["pointer", "pointer"]);
  });

  test("that carries something counts as it moves, and not while it rests", () => {
    const carry = (screenX: number, screenY: number) => fire("dragover", { screenX, screenY });
    for (let event = 0; event < 5; event++) carry(10, 10);
    expect(inputs).toEqual([]);
    carry(10, 11);
    expect(kinds()).toEqual(["pointer"]);
  });

  test("that a page has locked stands still, and counts by how far it was moved", () => {
    const view = { document: { pointerLockElement: {} } };
    const locked = (movementX: number, movementY: number) =>
      fire("pointermove", { screenX: 10, screenY: 10, movementX, movementY, view });
    locked(0, 0);
    expect(inputs).toEqual([]);
    locked(5, 0);
    locked(0, -1);
    expect(kinds()).toEqual(["pointer", "pointer"]);
  });

  test("does not count a move to where it was pressed", () => {
    fire("pointerdown", { screenX: 5, screenY: 5 });
    move(5, 5);
    expect(inputs).toHaveLength(1);
    move(6, 5);
    expect(inputs).toHaveLength(2);
  });
});

describe("a key that is held", () => {
  const hold = async (period: number) => {
    fire("keydown", { repeat: false });
    for (let time = 0; time < period; time += 500) {
      await clock.advance(500);
      fire("keydown", { repeat: true });
      fire("beforeinput");
      fire("click");
    }
  };

  test("counts for 30 s and then neither it nor what it types", async () => {
    await hold(30_000);
    const counted = inputs.length;
    await clock.advance(500);
    fire("keydown", { repeat: true });
    fire("beforeinput");
    fire("input");
    fire("click");
    expect(inputs).toHaveLength(counted);
  });

  test("counts again once it is let go and pressed", async () => {
    await hold(40_000);
    await clock.advance(2000);
    inputs = [];
    fire("keydown", { repeat: false });
    fire("beforeinput");
    expect(inputs).toHaveLength(2);
  });
});

describe("a gesture", () => {
  const options = () => ({ target: page as unknown as Window, now: 50_000 });
  /** The browser itself has made `event`. */
  const ask = (event: TrustedEvent | null = null) => gestureAt(event, { ...options(), read: () => event });
  const press = { type: "click", timeStamp: 49_000, view: null };

  test("is transient activation, now", () => {
    expect(ask()).toBe(50_000);
    expect(gestureAt({ isTrusted: true, ...press }, options())).toBe(50_000);
  });

  test.each(["keydown", "click", "cancel"])("is a trusted %s of the last 10 s, at its own time", (type) => {
    page.navigator.userActivation.isActive = false;
    expect(ask({ ...press, type })).toBe(49_000);
  });

  test("in a frame counts from when that frame began", () => {
    page.navigator.userActivation.isActive = false;
    const view = { performance: { timeOrigin: 40_000 } } as unknown as Window;
    expect(ask({ ...press, timeStamp: 9000, view })).toBe(49_000);
  });

  test.each([
    ["a load", { ...press, type: "load" }],
    ["an input, which scripts can bring about", { ...press, type: "input" }],
    ["a click of 10 s ago", { ...press, timeStamp: 40_000 }],
    ["nothing", null],
  ])("is not %s", (_name, event) => {
    page.navigator.userActivation.isActive = false;
    expect(ask(event)).toBeNull();
  });

  test.each([
    ["an object that says so itself", { isTrusted: true, ...press }],
    ["a Proxy of an event", new Proxy(new Event("click"), { get: () => true })],
    ["what has an event for its prototype", Object.create(new Event("click"))],
    ["a script's event", new Event("click")],
    ["nothing", undefined],
  ])("is not %s: the browser says what is trusted", (_name, event) => {
    page.navigator.userActivation.isActive = false;
    expect(gestureAt(event, options())).toBeNull();
  });
});
