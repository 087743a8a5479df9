/** What counts as a person's input, and what does not. */
import { setMaxListeners } from "node:events";
import { beforeEach, describe, expect, it } from "vitest";
import { isGesture, observeActivity } from "../../src/browser/activity.js";
import { FakeClock } from "./fake-clock.js";

// Node warns of many listeners on one signal; a page has one for each kind of input.
setMaxListeners(0);

let clock: FakeClock;
let page: FakeWindow;
let inputs: { timeStamp: number; kind: string }[];
let stop: () => void;

class FakeDocument extends EventTarget {
  activeElement: unknown = null;
  prerendering = false;
  frames: unknown[] = [];
  isFocused = true;
  querySelectorAll = () => this.frames;
  hasFocus = () => this.isFocused;
}
class FakeWindow extends EventTarget {
  readonly document = new FakeDocument();
  readonly navigator = { userActivation: { isActive: true } };
  readonly performance = { timeOrigin: 0 };
}

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
  Object.defineProperty(event, "timeStamp", { value: clock.monotonic() });
  for (const [name, value] of Object.entries(members)) Object.defineProperty(event, name, { value });
  target.dispatchEvent(event);
}
const kinds = () => inputs.map(({ kind }) => kind);
const move = (screenX: number, screenY: number) => fire("pointermove", { screenX, screenY });

it.each([
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
  fire(type);
  expect(inputs).toEqual([{ timeStamp: clock.monotonic(), kind }]);
});

it.each(["focus", "scroll", "resize", "load", "visibilitychange", "mousemove", "pointerover"])(
  "does not count %s",
  (type) => {
    fire(type);
    expect(inputs).toEqual([]);
  },
);

it("does not count a script's event", () => {
  fire("keydown", { untrusted: true });
  fire("click", { untrusted: true });
  expect(inputs).toEqual([]);
});

it("does not count the input that follows from a script's click on a checkbox", () => {
  page.navigator.userActivation.isActive = false;
  fire("input");
  expect(inputs).toEqual([]);
});

it("counts nothing in a prerendered page", () => {
  page.document.prerendering = true;
  fire("keydown");
  expect(inputs).toEqual([]);
});

it("counts nothing once stopped", () => {
  stop();
  fire("keydown");
  expect(inputs).toEqual([]);
});

describe("a pointer", () => {
  it("that rests under a page that re-renders does not count", () => {
    for (let time = 0; time < 5; time++) move(10, 10);
    expect(inputs).toEqual([]);
  });

  it("that moves only sideways, or only up, counts", () => {
    move(10, 10);
    move(11, 10);
    move(11, 9);
    expect(kinds()).toEqual(["pointer", "pointer"]);
  });

  it("does not count a move to where it was pressed", () => {
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

  it("counts for 30 s and then neither it nor what it types", async () => {
    await hold(30_000);
    const counted = inputs.length;
    await clock.advance(500);
    fire("keydown", { repeat: true });
    fire("beforeinput");
    fire("input");
    fire("click");
    expect(inputs).toHaveLength(counted);
  });

  it("counts again once it is let go and pressed", async () => {
    await hold(40_000);
    await clock.advance(2000);
    inputs = [];
    fire("keydown", { repeat: false });
    fire("beforeinput");
    expect(inputs).toHaveLength(2);
  });
});

describe("a frame of the same origin", () => {
  const frameOf = (view: unknown) => ({ contentWindow: view });

  it("is heard when it was there before, on the page's own time scale", () => {
    const inner = new FakeWindow();
    inner.performance.timeOrigin = 700;
    page.document.frames = [frameOf(inner)];
    observe(page);
    fire("keydown", {}, inner);
    expect(inputs).toEqual([{ timeStamp: clock.monotonic() + 700, kind: "key" }]);
  });

  it("is heard after its load, and after the pointer has come over it", () => {
    const [loaded, hovered] = [new FakeWindow(), new FakeWindow()];
    fire("load", { composedPath: () => [frameOf(loaded)] }, page.document);
    fire("pointerover", { composedPath: () => [frameOf(hovered)] });
    fire("keydown", {}, loaded);
    fire("keydown", {}, hovered);
    expect(inputs).toHaveLength(2);
  });

  it("is heard once however often it was hooked", () => {
    const inner = new FakeWindow();
    for (let time = 0; time < 3; time++)
      fire("load", { composedPath: () => [frameOf(inner)] }, page.document);
    fire("keydown", {}, inner);
    expect(inputs).toHaveLength(1);
  });

  it("of another origin is passed by", () => {
    const foreign = {
      get contentWindow(): never {
        throw new DOMException("", "SecurityError");
      },
    };
    expect(() => fire("load", { composedPath: () => [foreign] }, page.document)).not.toThrow();
  });
});

describe("a frame of another origin that has the focus", () => {
  beforeEach(() => {
    page.document.activeElement = { contentWindow: {} };
  });

  it("counts where the person has just done something", async () => {
    fire("blur");
    await clock.advance(0);
    expect(kinds()).toEqual(["other"]);
  });

  it("does not count where it took the focus by itself", async () => {
    page.navigator.userActivation.isActive = false;
    fire("blur");
    await clock.advance(20_000);
    expect(inputs).toEqual([]);
  });

  it("is looked at every 4 s, and what is seen is dated to the look before", async () => {
    page.navigator.userActivation.isActive = false;
    fire("blur");
    await clock.advance(0);
    const lookedAt = clock.monotonic();
    page.navigator.userActivation.isActive = true;
    await clock.advance(4000);
    expect(inputs).toEqual([{ timeStamp: lookedAt, kind: "other" }]);
    page.navigator.userActivation.isActive = false;
    await clock.advance(12_000);
    expect(inputs).toHaveLength(1);
  });

  it("does not count while another window has the focus", async () => {
    page.document.isFocused = false;
    fire("blur");
    await clock.advance(12_000);
    expect(inputs).toEqual([]);
  });

  it("is looked at no more once the focus is elsewhere", async () => {
    fire("blur");
    await clock.advance(0);
    page.document.activeElement = {};
    await clock.advance(4000);
    expect(clock.timerCount).toBe(0);
  });
});

describe("a gesture", () => {
  const ask = (event?: Partial<Event>) =>
    isGesture(event as Event | undefined, { target: page as unknown as Window, now: 50_000 });

  it("is transient activation", () => {
    expect(ask()).toBe(true);
  });

  it("is a trusted event of input just now", () => {
    page.navigator.userActivation.isActive = false;
    expect(ask({ isTrusted: true, type: "keydown", timeStamp: 49_000 })).toBe(true);
  });

  it.each([
    { isTrusted: false, type: "click", timeStamp: 49_000 },
    { isTrusted: true, type: "load", timeStamp: 49_000 },
    { isTrusted: true, type: "input", timeStamp: 49_000 },
    { isTrusted: true, type: "click", timeStamp: 1000 },
    undefined,
  ])("is not %j", (event) => {
    page.navigator.userActivation.isActive = false;
    expect(ask(event)).toBe(false);
  });
});
