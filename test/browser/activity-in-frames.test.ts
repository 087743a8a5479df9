/** Input in frames. */
import { setMaxListeners } from "node:events";
import { beforeEach, describe, expect, it } from "vitest";
import { observeActivity } from "../../src/browser/activity.js";
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
