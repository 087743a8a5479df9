/** Which windows belong to a page besides its own, and that nothing of the page is changed once they are looked at no more. */
import { beforeEach, expect, test } from "vitest";
import { observeWindows, type PageWindows } from "../../src/browser/platform/windows.js";

class FakeView extends EventTarget {
  closed = false;
  location = { protocol: "about:" };
  document: object = new EventTarget();
}

/** A page, or a frame in it, whose scripts open `next`. */
class FakePage extends FakeView {
  next: FakeView | null = new FakeView();
  override document = Object.assign(new EventTarget(), {
    open: (...address: unknown[]) => (address.length > 2 ? this.next : this.document),
  });
  open = (..._address: unknown[]) => this.next;
}

const asWindow = (view: FakeView) => view as unknown as Window;

let page: FakePage;
let tasks: (() => void)[];
let windows: PageWindows;
let seen: Window[];

beforeEach(() => {
  [page, tasks, seen] = [new FakePage(), [], []];
  windows = observeWindows(asWindow(page), (task) => void tasks.push(task));
  windows.observe((view) => void seen.push(view));
});

const owned = () => [windows.all(), seen];

test.each([
  ["its window opens", () => void page.open("")],
  ["its document opens, as a handler that is an attribute does", () => void page.document.open("", "", "")],
])("a blank window that %s belongs to the page", (_name, open) => {
  open();
  expect(owned()).toEqual([[page.next], [page.next]]);
});

test("what a frame or such a window opens belongs to the page too", () => {
  const frame = new FakePage();
  windows.watch(asWindow(frame));
  frame.open("");
  expect(owned()).toEqual([[frame.next], [frame.next]]);
});

test("a document that is only written anew is no window", () => {
  page.document.open();
  expect(owned()).toEqual([[], []]);
});

test("a window with an address of its own has a client of its own", () => {
  if (page.next !== null) page.next.location.protocol = "https:";
  page.open("/records");
  expect(owned()).toEqual([[], []]);
});

test("a window of another origin, a closed one and none at all are passed by", () => {
  const foreign = new FakeView();
  Object.defineProperty(foreign, "document", {
    get() {
      throw new DOMException("cross-origin", "SecurityError");
    },
  });
  for (const next of [foreign, Object.assign(new FakeView(), { closed: true }), null]) {
    page.next = next;
    page.open("");
  }
  expect(owned()).toEqual([[], []]);
});

test("a window whose document has the page's address since it was written into stays the page's", () => {
  page.open("");
  if (page.next !== null) page.next.location.protocol = "https:";
  expect(windows.all()).toEqual([page.next]);
});

test("the next document of such a window is told of in a task of its own", () => {
  page.open("");
  if (page.next !== null) page.next.document = new EventTarget();
  page.next?.dispatchEvent(new Event("pagehide"));
  expect(seen).toHaveLength(1);
  for (const task of tasks) task();
  expect(seen).toHaveLength(2);
});

test("once stopped, `open` is what it was, and what it opens is nobody's", () => {
  const other = new FakePage();
  const { open } = other;
  const { open: write } = other.document;
  const looking = observeWindows(asWindow(other), () => {});
  expect(other.open).not.toBe(open);
  const kept = other.open;
  looking.stop();
  expect([other.open, other.document.open]).toEqual([open, write]);
  kept("");
  expect(looking.all()).toEqual([]);
});
