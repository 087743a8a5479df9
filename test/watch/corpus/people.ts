/**
 * People at work, as input events in time: what their hands do, and when. Each is told by a few sentences; a session is the
 * same for the same seed. One event here is one event of the browser that counts (`KIND_OF_EVENT` of the client).
 */
import type { InputKind } from "../../../src/protocol/heartbeat.js";
import type { Chance } from "./chance.js";

/** Input at a time in milliseconds since the session began; several events of one kind that come together. */
export interface Input {
  readonly at: number;
  readonly kind: InputKind;
  readonly count: number;
}

export type Actor = (chance: Chance, length: number) => Iterable<Input>;

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** Bouts of work with pauses between, some of them long: a phone, a colleague, coffee, lunch. */
function* inBouts(
  chance: Chance,
  length: number,
  { bout, pause }: { bout: number; pause: number },
  within: (from: number, to: number) => Iterable<Input>,
): Iterable<Input> {
  let at = 0;
  while (at < length) {
    const to = Math.min(length, at + chance.logNormal(bout, 0.8));
    yield* within(at, to);
    at = to + (chance.is(0.06) ? chance.between(5 * MINUTE, 14 * MINUTE) : chance.logNormal(pause, 1));
  }
}

function* strokes(chance: Chance, from: number, to: number, gap: number, spread: number): Iterable<number> {
  for (let at = from + chance.logNormal(gap, spread); at < to; at += chance.logNormal(gap, spread)) yield at;
}

/** Types in bursts, thinks, and takes the mouse now and then. A stroke is three events: keydown, beforeinput, input. */
const writer: Actor = (chance, length) =>
  inBouts(chance, length, { bout: 25 * SECOND, pause: 8 * SECOND }, function* (from, to) {
    for (const at of strokes(chance, from, to, 190, 0.6)) yield { at, kind: "key", count: 3 };
    if (chance.is(0.3)) yield* hand(chance, to, chance.between(300, 2_000));
  });

/** Scrolls some lines, reads, scrolls on. Some only have the wheel for an hour. */
const reader: Actor = (chance, length) =>
  inBouts(chance, length, { bout: 3 * SECOND, pause: 25 * SECOND }, function* (from, to) {
    for (const at of strokes(chance, from, to, 120, 0.7)) yield { at, kind: "wheel", count: 1 };
  });

/** Reads by the keyboard alone: a press of the space bar for each screen. */
const keyboardReader: Actor = (chance, length) =>
  inBouts(chance, length, { bout: 2 * MINUTE, pause: 20 * SECOND }, function* (from, to) {
    for (const at of strokes(chance, from, to, 35 * SECOND, 0.5)) yield { at, kind: "key", count: 1 };
  });

/** Moves the pen in strokes, hundreds of events each, and looks between them. Nothing but the pointer for hours. */
const drawer: Actor = (chance, length) =>
  inBouts(chance, length, { bout: 40 * SECOND, pause: 6 * SECOND }, function* (from, to) {
    for (const at of strokes(chance, from, to, 1_500, 0.8))
      yield* hand(chance, at, chance.logNormal(500, 0.7));
  });

/** Keys and mouse all the time, for hours. */
const gamer: Actor = (chance, length) =>
  inBouts(chance, length, { bout: 12 * MINUTE, pause: 25 * SECOND }, function* (from, to) {
    for (const at of strokes(chance, from, to, 350, 0.6)) {
      yield { at, kind: "key", count: 1 };
      yield* hand(chance, at, chance.between(50, 300));
    }
  });

/** A switch with automatic scanning: one press selects, and the machine sets the pace of what is offered. */
const switchUser: Actor = (chance, length) =>
  inBouts(chance, length, { bout: 5 * MINUTE, pause: 30 * SECOND }, function* (from, to) {
    const step = chance.between(0.8, 1.6) * SECOND;
    for (let at = from; at < to; ) {
      // A row, then a place in it: some steps of the scan each, and the reaction.
      at += step * Math.ceil(chance.next() * 8) + Math.max(150, chance.normal(420, 110));
      yield { at, kind: "key", count: chance.is(0.5) ? 1 : 3 };
    }
  });

/** A dwell clicker with a head mouse: the pointer moves, rests, and the machine clicks after a fixed time. */
const dwellClicker: Actor = (chance, length) =>
  inBouts(chance, length, { bout: 4 * MINUTE, pause: 20 * SECOND }, function* (from, to) {
    for (const at of strokes(chance, from, to, 3_200, 0.45)) {
      yield* hand(chance, at, chance.logNormal(700, 0.5));
      yield { at: at + 1_000, kind: "pointer", count: 3 };
    }
  });

/** A screen reader: keys to move on, and long listening in between. */
const screenReaderUser: Actor = (chance, length) =>
  inBouts(chance, length, { bout: 30 * SECOND, pause: 15 * SECOND }, function* (from, to) {
    for (const at of strokes(chance, from, to, 1_400, 0.9)) yield { at, kind: "key", count: 1 };
    if (chance.is(0.15)) yield { at: to, kind: "pointer", count: 1 };
  });

/** A phone: touches, which are pointers too. */
const phone: Actor = (chance, length) =>
  inBouts(chance, length, { bout: 40 * SECOND, pause: 20 * SECOND }, function* (from, to) {
    for (const at of strokes(chance, from, to, 2_500, 0.8)) {
      const moves = Math.round(chance.logNormal(8, 0.7));
      yield { at, kind: "touch", count: 1 + moves };
      yield { at, kind: "pointer", count: 3 + moves };
    }
  });

/** A kiosk: a tap on a large button, now by one person and now by the next. */
const kiosk: Actor = (chance, length) =>
  inBouts(chance, length, { bout: 50 * SECOND, pause: 70 * SECOND }, function* (from, to) {
    for (const at of strokes(chance, from, to, 4_000, 0.6)) {
      yield { at, kind: "touch", count: 1 };
      yield { at, kind: "pointer", count: 3 };
    }
  });

/** A hand that moves the pointer for so long: an event for each frame of 60 a second. */
function* hand(_chance: Chance, at: number, duration: number): Iterable<Input> {
  yield { at: at + duration, kind: "pointer", count: Math.max(1, Math.round(duration / 16.7)) };
}

export const PEOPLE: Readonly<Record<string, Actor>> = {
  writer,
  reader,
  "keyboard reader": keyboardReader,
  drawer,
  gamer,
  phone,
  kiosk,
};

/** People who use assistive technology: nothing of them may be taken for a machine's. */
export const ASSISTED: Readonly<Record<string, Actor>> = {
  "switch user": switchUser,
  "dwell clicker": dwellClicker,
  "screen-reader user": screenReaderUser,
};
