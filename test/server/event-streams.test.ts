import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createEventStreams } from "../../src/server/http/event-streams.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function streamsOf({ streams = 100, reach = 10_000 } = {}) {
  const said: string[] = [];
  const events = createEventStreams({
    limits: { streams },
    policy: { reachPeriod: reach },
    warnOnce: (_key, message) => said.push(message()),
  });
  return { events, said };
}

function pageAt(address: string | null, isServerClosing = () => false) {
  return { address, isServerClosing };
}

/** A reader whose connection can be clogged. */
function reader() {
  const seen = {
    text: "",
    over: "",
    isClogged: false,
    send: (text: string) => {
      seen.text += text;
    },
    isBehind: () => seen.isClogged,
    end: () => {
      seen.over = "ended";
    },
    drop: () => {
      seen.over = "dropped";
    },
  };
  return seen;
}

const ALIVE = "data: {}\n\n";

test("a silent stream says every 20 s that it stands", async () => {
  const { events } = streamsOf();
  const page = reader();
  events.take("s1", pageAt(null))?.until(new AbortController().signal).open(page);
  page.text = "";
  await vi.advanceTimersByTimeAsync(19_000);
  expect(page.text).toBe("");
  await vi.advanceTimersByTimeAsync(43_000);
  expect(page.text).toBe(ALIVE.repeat(3));
});

test("a page that does not read is dropped, and its place is free", async () => {
  const { events } = streamsOf({ streams: 1 });
  const page = reader();
  const stream = events.take("s1", pageAt(null));
  const closed = vi.fn();
  stream?.onClosed(closed);
  stream?.until(new AbortController().signal).open(page);
  page.isClogged = true;
  expect(events.isFull()).toBe(true);
  await vi.advanceTimersByTimeAsync(21_000);
  expect([page.over, events.isFull(), closed.mock.calls.length]).toEqual(["dropped", false, 1]);
});

test("an answer that was never sent gives its place back", async () => {
  const { events } = streamsOf({ streams: 1 });
  events.take("s1", pageAt(null));
  expect(events.isFull()).toBe(true);
  await vi.advanceTimersByTimeAsync(21_000);
  expect(events.isFull()).toBe(false);
});

test("a session that ended while the answer was under way is told of all the same", () => {
  const { events } = streamsOf();
  const page = reader();
  events.take("s1", pageAt(null))?.until(AbortSignal.abort()).open(page);
  expect(page.text).toMatch(/event: end\ndata: \{\}\n\n$/);
  expect(page.over).toBe("ended");
});

test("only the session's own pages are told that it has changed, and nothing comes after the end", () => {
  const { events } = streamsOf();
  const [own, other] = [reader(), reader()];
  const ending = new AbortController();
  events.take("s1", pageAt(null))?.until(ending.signal).open(own);
  events.take("s2", pageAt(null))?.until(new AbortController().signal).open(other);
  events.changed("s1");
  ending.abort();
  events.changed("s1");
  expect(own.text.match(/event: \w+/g)).toEqual(["event: changed", "event: end"]);
  expect(other.text).not.toContain("event:");
});

test("one session has four streams from a network and sixteen in all", () => {
  const { events } = streamsOf();
  const from = (address: string) => events.take("s1", pageAt(address)) !== null;
  expect([1, 2, 3, 4, 5].map(() => from("192.0.2.1"))).toEqual([true, true, true, true, false]);
  // The same household.
  expect([1, 2, 3, 4, 5].map((last) => from(`2001:db8::${last}`))).toEqual([true, true, true, true, false]);
  const others = ["192.0.2.2", "192.0.2.3"].flatMap((address) => [1, 2, 3, 4].map(() => from(address)));
  expect(others.every(Boolean)).toBe(true);
  expect(from("192.0.2.4")).toBe(false);
  expect(events.take("s2", pageAt("192.0.2.1"))).not.toBeNull();
});

test("that no more streams are taken is said once for the log, with what to do", () => {
  const { events, said } = streamsOf({ streams: 1 });
  events.take("s1", pageAt(null));
  expect(said).toEqual([]);
  events.isFull();
  expect(said).toEqual([expect.stringMatching(/^1 pages have a stream of news open.*limits\.streams/)]);
  events.close();
  expect([events.isFull(), said.length]).toEqual([true, 1]);
});

test("a server that takes no more connections ends its streams within a second", async () => {
  const { events } = streamsOf();
  const page = reader();
  let isClosing = false;
  events
    .take(
      "s1",
      pageAt(null, () => isClosing),
    )
    ?.until(new AbortController().signal)
    .open(page);
  await vi.advanceTimersByTimeAsync(5_000);
  isClosing = true;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(page.over).toBe("ended");
});

test("browsers open a broken stream again at different times", () => {
  const { events } = streamsOf();
  const delays = Array.from({ length: 8 }, (_none, at) => {
    const page = reader();
    events.take(`s${at}`, pageAt(null))?.until(new AbortController().signal).open(page);
    return Number(/^retry: (\d+)\n/.exec(page.text)?.[1]);
  });
  expect(new Set(delays).size).toBe(8);
  expect([Math.min(...delays) >= 1_000, Math.max(...delays) < 5_000]).toEqual([true, true]);
});
