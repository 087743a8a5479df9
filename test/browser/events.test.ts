/** The stream of news over the browser's own `EventSource`. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openEvents } from "../../src/browser/verifier/events.js";

class FakeEventSource extends EventTarget {
  static opened: FakeEventSource[] = [];
  readonly CLOSED = 2;
  readyState = 1;
  onmessage: (() => void) | null = null;
  onerror: (() => void) | null = null;
  readonly url: string;
  readonly init: unknown;

  constructor(url: string, init: unknown) {
    super();
    this.url = url;
    this.init = init;
    FakeEventSource.opened.push(this);
  }
  close(): void {
    this.readyState = this.CLOSED;
  }
  fail(readyState: number): void {
    this.readyState = readyState;
    this.onerror?.();
  }
}

let ending: AbortController;
let heard: boolean[];

beforeEach(() => {
  FakeEventSource.opened = [];
  vi.stubGlobal("EventSource", FakeEventSource);
  ending = new AbortController();
  heard = [];
});
afterEach(() => {
  vi.unstubAllGlobals();
});

function open(): FakeEventSource {
  openEvents("/curfew/events", ending.signal, (isNews) => heard.push(isNews));
  const [source] = FakeEventSource.opened;
  if (source === undefined) throw new Error("no stream was opened");
  return source;
}

test("sends the cookie along, also to a verifier of another origin", () => {
  expect(open()).toMatchObject({ url: "/curfew/events", init: { withCredentials: true } });
});

test("tells news from what only says that the stream stands", () => {
  const source = open();
  source.onmessage?.();
  source.dispatchEvent(new Event("changed"));
  source.dispatchEvent(new Event("end"));
  source.dispatchEvent(new Event("something else"));
  expect(heard).toEqual([false, true, true]);
});

test("takes it for news that a stream is refused which had stood: the session may have ended meanwhile", () => {
  const source = open();
  source.onmessage?.();
  // Broken: the browser opens it again by itself.
  source.fail(0);
  expect(heard).toEqual([false]);
  source.fail(2);
  expect(heard).toEqual([false, true]);
});

test("takes it for nothing that a stream is refused from the beginning: the verifier is full, or of another release", () => {
  open().fail(2);
  expect(heard).toEqual([]);
});

test("closes the stream with the signal", () => {
  const source = open();
  ending.abort();
  expect(source.readyState).toBe(2);
});

test("does without where the browser has no such streams", () => {
  vi.stubGlobal("EventSource", undefined);
  openEvents("/curfew/events", ending.signal, (isNews) => heard.push(isNews));
  expect(FakeEventSource.opened).toEqual([]);
});
