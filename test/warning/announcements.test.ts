// @vitest-environment happy-dom
// Every text that a warning writes into a live region, from its opening to its end, against the ladder of docs/accessibility.md.
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { attachWarning } from "../../src/warning/attach-warning.js";
import { absoluteState, createFakeSession, type FakeSession, liveState } from "./fake-session.js";

const STEP = 250;
let session: FakeSession;
let detach: () => void;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  session = createFakeSession();
  // A press of `click()` stands for a person's.
  Object.defineProperty(navigator, "userActivation", { configurable: true, value: { isActive: true } });
});

afterEach(() => {
  detach();
  vi.useRealTimers();
});

interface Write {
  /** Milliseconds that were left. */
  readonly left: number;
  readonly region: string;
  readonly text: string;
}

function regions(): readonly { readonly name: string; readonly text: string }[] {
  const root = document.querySelector("curfew-warning")?.shadowRoot;
  return [...(root?.querySelectorAll("[role=status],[role=alert]") ?? [])].map((region, i) => ({
    name: `${region.getAttribute("role")} ${i}`,
    text: region.textContent,
  }));
}

/** All writes of a warning that opens with `lead` milliseconds left, to its deadline. */
function writesOf(state: typeof liveState | typeof absoluteState, lead: number): readonly Write[] {
  detach = attachWarning(session, { locale: "en-GB" });
  session.become(state(), lead);
  const writes: Write[] = [];
  let before = regions();
  for (let left = lead; left > 0; left -= STEP) {
    session.leave(left);
    vi.advanceTimersByTime(STEP);
    const now = regions();
    now.forEach(({ name, text }, i) => {
      if (text !== before[i]?.text) writes.push({ left, region: name.split(" ")[0] ?? "", text });
    });
    before = now;
  }
  return writes;
}

const stay = (time: string) => `${time} left. Press the Esc key to stay signed in.`;
const again = (time: string) => `${time} left. Then you must sign in again.`;

/** Lead in seconds, and what is said: [seconds left, region, time]. A rung within 10 s of the opening is dropped. */
const IDLE: readonly (readonly [number, readonly (readonly [number, string, string])[]])[] = [
  [20, []],
  [30, []],
  [35, []],
  [45, [[30, "alert", "30 seconds"]]],
  [60, [[30, "alert", "30 seconds"]]],
  [65, [[30, "alert", "30 seconds"]]],
  [
    90,
    [
      [60, "status", "1 minute"],
      [30, "alert", "30 seconds"],
    ],
  ],
  [
    120,
    [
      [60, "status", "1 minute"],
      [30, "alert", "30 seconds"],
    ],
  ],
  [
    300,
    [
      [60, "status", "1 minute"],
      [30, "alert", "30 seconds"],
    ],
  ],
  [
    600,
    [
      [60, "status", "1 minute"],
      [30, "alert", "30 seconds"],
    ],
  ],
];

const ABSOLUTE: typeof IDLE = [
  [20, []],
  [
    90,
    [
      [88.75, "status", "1 minute and 20 seconds"],
      [60, "status", "1 minute"],
    ],
  ],
  [
    600,
    [
      [599.25, "status", "10 minutes"],
      [300, "status", "5 minutes"],
      [120, "status", "2 minutes"],
      [60, "status", "1 minute"],
    ],
  ],
];

describe("a warning of no activity", () => {
  test.each(IDLE)("that opens with %d s left says just what the ladder says", (lead, expected) => {
    const writes = writesOf(liveState, lead * 1000).filter(({ text }) => text !== "");
    expect(writes.map(({ region, text }) => [region, text])).toEqual(
      expected.map(([, region, time]) => [region, stay(time)]),
    );
    for (const [i, { left }] of writes.entries())
      expect(Math.abs(left - (expected[i]?.[0] ?? 0) * 1000)).toBeLessThanOrEqual(1000);
  });
});

describe("a notice of the limit that nothing moves", () => {
  test.each(ABSOLUTE)("that opens with %d s left says just what the ladder says", (lead, expected) => {
    const writes = writesOf(absoluteState, lead * 1000).filter(({ text }) => text !== "");
    expect(writes.map(({ region, text }) => [region, text])).toEqual(
      expected.map(([, region, time]) => [region, again(time)]),
    );
  });
});

test.each([...Array(15).keys()].map((i) => 20 + i * 40))(
  "with %d s left at its opening it never speaks twice within 10 s, never in the last 20 s, and never of more than is left",
  (lead) => {
    for (const state of [liveState, absoluteState]) {
      session = createFakeSession();
      const writes = writesOf(state, lead * 1000).filter(({ text }) => text !== "");
      writes.forEach(({ left, text }, i) => {
        const before = writes[i - 1];
        if (before !== undefined) expect(before.left - left).toBeGreaterThanOrEqual(10_000);
        expect(left).toBeGreaterThanOrEqual(20_000);
        expect(text.split(" ").length).toBeLessThanOrEqual(12);
        expect(secondsIn(text)).toBeLessThanOrEqual(Math.ceil(left / 1000));
      });
      detach();
    }
  },
);

function secondsIn(text: string): number {
  const [, minutes = "0"] = /(\d+) minute/.exec(text) ?? [];
  const [, seconds = "0"] = /(\d+) second/.exec(text) ?? [];
  return Number(minutes) * 60 + Number(seconds);
}
