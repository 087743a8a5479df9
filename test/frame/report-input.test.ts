/** What a frame of another origin tells the page around it. */
import { setMaxListeners } from "node:events";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { reportInput } from "../../src/frame/report-input.js";

// Node warns of many listeners on one signal; a frame has one for each kind of input.
setMaxListeners(0);

const APP = "https://app.example";

let posted: { readonly data: unknown; readonly to: string }[];
let listeners: Map<string, (event: object) => void>;
let now: number;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  posted = [];
  listeners = new Map();
  now = 50_000;
  vi.stubGlobal("window", { navigator: { userActivation: { isActive: true } } });
  vi.stubGlobal("parent", { postMessage: (data: unknown, to: string) => posted.push({ data, to }) });
  vi.stubGlobal("performance", { now: () => now });
  vi.stubGlobal(
    "addEventListener",
    (type: string, listener: (event: object) => void, { signal }: { signal: AbortSignal }) => {
      listeners.set(type, listener);
      signal.addEventListener("abort", () => listeners.delete(type));
    },
  );
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function fire(type: string, more: object = {}): void {
  listeners.get(type)?.({ type, isTrusted: true, timeStamp: now, screenX: now, screenY: 5, ...more });
}
function wait(period: number): void {
  now += period;
  vi.advanceTimersByTime(period);
}
const told = () => posted.map(({ data }) => data);

describe("a frame", () => {
  beforeEach(() => void reportInput({ parent: APP }));

  test("tells the named page at once, and nobody else", () => {
    fire("keydown");
    expect(posted).toEqual([{ data: { type: "curfew:input", kind: "key", age: 0 }, to: APP }]);
  });

  test("tells of the kind and the age, and of nothing else of an event", () => {
    fire("pointerdown", { timeStamp: now - 40, clientX: 3, key: "a", data: "text", buttons: 1 });
    expect(told()).toEqual([{ type: "curfew:input", kind: "pointer", age: 40 }]);
  });

  test("tells of what follows within a second at its end, once, and dated to the last of it", () => {
    fire("keydown");
    for (let time = 0; time < 50; time++) {
      wait(10);
      fire("wheel");
    }
    expect(posted).toHaveLength(1);
    wait(500);
    expect(told().slice(1)).toEqual([{ type: "curfew:input", kind: "wheel", age: 500 }]);
  });

  test("tells at once again after a quiet second, and sets no timer while nothing happens", () => {
    fire("keydown");
    wait(1000);
    expect(vi.getTimerCount()).toBe(0);
    fire("keydown");
    expect(posted).toHaveLength(2);
  });

  test("sets one timer for a thousand events", () => {
    const spy = vi.spyOn(globalThis, "setTimeout");
    for (let time = 0; time < 1000; time++) fire("pointermove", { screenX: time });
    expect(spy).toHaveBeenCalledTimes(1);
  });

  test("tells nothing of a script's events, of a pointer at rest, of a stuck key and of media", () => {
    fire("keydown", { isTrusted: false });
    fire("click", { isTrusted: undefined });
    for (let time = 0; time < 5; time++) fire("pointermove", { screenX: 1 });
    expect(listeners.has("timeupdate")).toBe(false);
    expect(posted).toEqual([]);
    fire("keydown", { repeat: false });
    wait(30_001);
    posted = [];
    fire("keydown", { repeat: true });
    wait(2000);
    expect(posted).toEqual([]);
  });
});

test("tells nothing more once it is ended", () => {
  const end = reportInput({ parent: APP });
  fire("keydown");
  fire("keydown");
  end();
  wait(2000);
  fire("keydown");
  expect(posted).toHaveLength(1);
});

test("does nothing in a page that no other page shows", () => {
  vi.stubGlobal("parent", window);
  reportInput({ parent: APP })();
  expect(listeners.size).toBe(0);
});

test.each([
  "*",
  "",
  "null",
  "app.example",
  "https://app.example/",
  "https://app.example/page",
  "/",
  "about:blank",
])("refuses the parent %j, for it is no origin", (parent) => {
  expect(() => reportInput({ parent })).toThrow(`parent "${parent}" is no origin such as`);
});
