/** Input in frames. */
import { setMaxListeners } from "node:events";
import { beforeEach, describe, expect, test } from "vitest";
import { observeActivity } from "../../src/browser/input/activity.js";
import { FakeClock } from "./fake-clock.js";
import { FakeWindow } from "./fake-window.js";

// Node warns of many listeners on one signal; a page has one for each kind of input.
setMaxListeners(0);

let clock: FakeClock;
let page: FakeWindow;
let inputs: { timeStamp: number; kind: string }[];

beforeEach(() => {
  clock = new FakeClock();
  page = new FakeWindow();
  inputs = [];
  observe(page);
});

const LISTED = "https://forms.example";
const observe = (target: FakeWindow) =>
  observeActivity(target as unknown as Window, {
    clock,
    frames: [LISTED],
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

describe("a frame of the same origin", () => {
  const frameOf = (view: unknown) => ({ contentWindow: view });

  test("is heard when it was there before, on the page's own time scale", () => {
    const inner = new FakeWindow();
    inner.performance.timeOrigin = 700;
    page.add(inner);
    observe(page);
    fire("keydown", {}, inner);
    expect(inputs).toEqual([{ timeStamp: clock.monotonic() + 700, kind: "key" }]);
  });

  test("is heard after its load, and after the pointer has come over it", () => {
    const [loaded, hovered] = [new FakeWindow(), new FakeWindow()];
    fire("load", { composedPath: () => [frameOf(loaded)] }, page.document);
    fire("pointerover", { composedPath: () => [frameOf(hovered)] });
    fire("keydown", {}, loaded);
    fire("keydown", {}, hovered);
    expect(inputs).toHaveLength(2);
  });

  test("is heard once however often it was hooked", () => {
    const inner = new FakeWindow();
    for (let time = 0; time < 3; time++)
      fire("load", { composedPath: () => [frameOf(inner)] }, page.document);
    fire("keydown", {}, inner);
    expect(inputs).toHaveLength(1);
  });

  test("of another origin is passed by", () => {
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

  test("counts where the person has just done something", async () => {
    fire("blur");
    await clock.advance(0);
    expect(kinds()).toEqual(["other"]);
  });

  test("does not count where it took the focus by itself", async () => {
    page.navigator.userActivation.isActive = false;
    fire("blur");
    await clock.advance(20_000);
    expect(inputs).toEqual([]);
  });

  test("is looked at every 4 s, and what is seen is dated to the look before", async () => {
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

  test("does not count while another window has the focus", async () => {
    page.document.isFocused = false;
    fire("blur");
    await clock.advance(12_000);
    expect(inputs).toEqual([]);
  });

  test("is looked at no more once the focus is elsewhere", async () => {
    fire("blur");
    await clock.advance(0);
    page.document.activeElement = {};
    await clock.advance(4000);
    expect(clock.timerCount).toBe(0);
  });
});

describe("a frame of another origin after a press on the page", () => {
  const focusFrame = () => {
    page.document.activeElement = { contentWindow: {} };
    fire("blur");
  };

  test.each(["keydown", "pointerdown", "pointerup", "click"])(
    "does not count for 5 s after a %s, which explains why the page is active",
    async (type) => {
      fire(type);
      inputs = [];
      await clock.advance(2500);
      focusFrame();
      await clock.advance(2500);
      focusFrame();
      await clock.advance(0);
      expect(inputs).toEqual([]);
    },
  );

  test("counts once the press is 5 s old, for then the person has pressed something in the frame", async () => {
    fire("click");
    inputs = [];
    await clock.advance(5001);
    focusFrame();
    await clock.advance(0);
    expect(inputs).toEqual([{ timeStamp: clock.monotonic(), kind: "other" }]);
  });

  test("counts a move of the mouse for no press", async () => {
    fire("pointermove", { screenX: 1, screenY: 1 });
    fire("pointermove", { screenX: 2, screenY: 1 });
    inputs = [];
    focusFrame();
    await clock.advance(0);
    expect(inputs).toHaveLength(1);
  });

  test("that takes the focus again and again counts once for a press in it", async () => {
    for (let time = 0; time < 10; time++) {
      focusFrame();
      await clock.advance(400);
    }
    expect(inputs).toHaveLength(1);
  });
});

describe("a viewer of the browser's own, which shows a PDF and tells of nothing", () => {
  /** Chromium's viewer: a document of the page's origin around a plug-in that is none of the page's. */
  function viewer(): FakeWindow {
    const view = new FakeWindow();
    view.document.contentType = "application/pdf";
    return view;
  }
  const nested = (inner: unknown) => {
    const view = new FakeWindow();
    view.document.activeElement = { contentWindow: inner };
    return view;
  };

  test.each([
    ["in an iframe", () => ({ contentWindow: viewer() })],
    ["in an embed", () => ({ localName: "embed" })],
    ["in an object", () => ({ localName: "object", contentWindow: viewer() })],
    ["in an object that has no window", () => ({ localName: "object", contentWindow: null })],
    ["in a frame within a frame", () => ({ contentWindow: nested(viewer()) })],
    ["of another origin in a frame within a frame", () => ({ contentWindow: nested({}) })],
  ])("%s counts what a person presses there", async (_name, focused) => {
    page.document.activeElement = focused();
    page.navigator.userActivation.isActive = false;
    fire("blur");
    await clock.advance(4000);
    expect(inputs).toEqual([]);
    page.navigator.userActivation.isActive = true;
    await clock.advance(4000);
    expect(kinds()).toEqual(["other"]);
  });

  test("does not count where the focus is in an ordinary frame", async () => {
    page.document.activeElement = { contentWindow: nested(new FakeWindow()) };
    fire("blur");
    await clock.advance(20_000);
    expect(inputs).toEqual([]);
  });

  test.each([
    ["a PDF", viewer],
    ["another origin", () => ({})],
  ])("counts once the frame that has the focus has gone to %s", async (_name, next) => {
    const frame: { contentWindow: unknown } = { contentWindow: new FakeWindow() };
    page.document.activeElement = frame;
    page.navigator.userActivation.isActive = false;
    fire("blur");
    await clock.advance(4000);
    frame.contentWindow = next();
    page.navigator.userActivation.isActive = true;
    await clock.advance(4000);
    expect(kinds()).toEqual(["other"]);
  });

  test("counts once a frame has gone to another origin whose own frame had the focus", async () => {
    const inner = nested({});
    const frame: { contentWindow: unknown } = { contentWindow: inner };
    Object.assign(inner, { parent: page });
    page.document.activeElement = frame;
    page.navigator.userActivation.isActive = false;
    fire("load", { composedPath: () => [frame] }, page.document);
    fire("blur", {}, inner);
    await clock.advance(4000);
    // The window stays the same object, and shows nothing of itself any more.
    Object.defineProperty(inner, "document", {
      get() {
        throw new DOMException("", "SecurityError");
      },
    });
    page.navigator.userActivation.isActive = true;
    await clock.advance(4000);
    expect(kinds()).toEqual(["other"]);
  });
});

test("a page in an embed is heard: its window is one of the page's frames", () => {
  const inner = new FakeWindow();
  page.add(inner);
  fire("load", { composedPath: () => [{ localName: "embed" }] }, page.document);
  fire("keydown", {}, inner);
  expect(kinds()).toEqual(["key"]);
});

test("a window that belongs to the page is heard, and again when it has another document", () => {
  let tell = (_view: Window) => {};
  const stop = observeActivity(page as unknown as Window, {
    clock,
    windows: {
      observe(callback) {
        tell = callback;
        return () => {};
      },
      watch() {},
    },
    onInput: (timeStamp, kind) => inputs.push({ timeStamp, kind }),
    isTrusted: () => true,
  });
  const opened = new FakeWindow();
  opened.performance.timeOrigin = 500;
  tell(opened as unknown as Window);
  tell(opened as unknown as Window);
  fire("keydown", {}, opened);
  expect(inputs).toEqual([{ timeStamp: clock.monotonic() + 500, kind: "key" }]);
  stop();
  fire("keydown", {}, opened);
  expect(inputs).toHaveLength(1);
});

test("a frame of another origin that has the focus when the client starts counts", async () => {
  const other = new FakeWindow();
  other.document.activeElement = { contentWindow: {} };
  observe(other);
  await clock.advance(0);
  expect(kinds()).toEqual(["other"]);
});

test("a frame of the same origin is heard once it has the focus, in an open shadow root too", async () => {
  const inner = new FakeWindow();
  page.document.activeElement = { shadowRoot: { activeElement: { contentWindow: inner } } };
  fire("blur");
  await clock.advance(0);
  fire("keydown", {}, inner);
  expect(kinds()).toEqual(["key"]);
});

describe("a message", () => {
  const frame = { parent: null as unknown };
  const say = (data: unknown, members: Record<string, unknown> = {}, target: EventTarget = page) =>
    fire("message", { origin: LISTED, source: frame, data, ...members }, target);
  const TRUE = { type: "curfew:input", kind: "key", age: 70 };
  beforeEach(() => {
    frame.parent = page;
  });

  test("of a listed frame counts, dated by its age", () => {
    say(TRUE);
    expect(inputs).toEqual([{ timeStamp: clock.monotonic() - 70, kind: "key" }]);
  });

  test("of a listed frame within a frame of the same origin counts", () => {
    const inner = new FakeWindow();
    fire("load", { composedPath: () => [{ contentWindow: inner }] }, page.document);
    frame.parent = inner;
    say(TRUE, {}, inner);
    expect(inputs).toHaveLength(1);
  });

  test.each([
    ["of another origin", { origin: "https://evil.example" }],
    ["of an opaque origin", { origin: "null" }],
    ["of an origin that begins like a listed one", { origin: `${LISTED}.evil.example` }],
    ["of a listed origin in a window of its own", { source: {} }],
    ["of a frame of somebody else's", { source: { parent: {} } }],
    ["without a source", { source: null }],
    ["that a script has made", { untrusted: true }],
  ])("%s changes nothing", (_name, members) => {
    say(TRUE, members);
    expect(inputs).toEqual([]);
  });

  test("of the page to itself changes nothing", () => {
    say(TRUE, { source: Object.assign(page, { parent: page }) });
    expect(inputs).toEqual([]);
  });

  test("to a prerendered page changes nothing", () => {
    page.document.prerendering = true;
    say(TRUE);
    expect(inputs).toEqual([]);
  });

  const ages = [
    Number.NaN,
    Number.POSITIVE_INFINITY,
    -1,
    -0.01,
    10_001,
    1e300,
    "0",
    null,
    undefined,
    true,
    [],
  ];
  test.each([
    null,
    undefined,
    0,
    "curfew:input",
    [],
    {},
    { type: "curfew:input" },
    { ...TRUE, type: "curfew" },
    { ...TRUE, kind: "constructor" },
    { ...TRUE, kind: ["key"] },
    { ...TRUE, kind: undefined },
    ...ages.map((age) => ({ ...TRUE, age })),
  ])("with %j changes nothing", (data) => {
    say(data);
    expect(inputs).toEqual([]);
  });

  test("is not even listened to where no frame is listed", () => {
    const other = new FakeWindow();
    observeActivity(other as unknown as Window, {
      clock,
      onInput: (timeStamp, kind) => inputs.push({ timeStamp, kind }),
      isTrusted: () => true,
    });
    frame.parent = other;
    say(TRUE, {}, other);
    expect(inputs).toEqual([]);
  });
});
