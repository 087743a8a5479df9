/** Twelve devices and scripts that keep a session alive, as input events in time. */
import type { InputKind } from "../../../src/protocol/heartbeat.js";
import { chance as chanceOf } from "./chance.js";
import { type Actor, type Input, PEOPLE } from "./people.js";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** One input, again and again after a wait. */
const again = (
  wait: (chance: ReturnType<typeof chanceOf>) => number,
  kind: InputKind = "pointer",
  count = 1,
): Actor =>
  function* (chance, length) {
    for (let at = wait(chance); at < length; at += wait(chance)) yield { at, kind, count };
  };

/** Some events in a row, and the row again after a pause. */
const macro = (steps: readonly Omit<Input, "at">[], step: number, pause: number): Actor =>
  function* (_chance, length) {
    for (let at = 0; at < length; at += pause)
      for (const { kind, count } of steps) {
        at += step;
        yield { at, kind, count };
      }
  };

/** Ten minutes of a person, recorded once and played in a loop. */
const replayed: Actor = function* (chance, length) {
  const loop = 10 * MINUTE;
  const recording = [...(PEOPLE.writer?.(chanceOf(Math.floor(chance.next() * 1e9)), loop) ?? [])].filter(
    ({ at }) => at < loop,
  );
  for (let from = 0; from < length; from += loop)
    for (const input of recording) yield { ...input, at: from + input.at };
};

/** A small move now and then, more or less at random, with a pause for lunch. */
const withLunch: Actor = function* (chance, length) {
  let lunchAt = chance.between(2, 4) * 60 * MINUTE;
  for (let at = 0; at < length; at += chance.between(0.5, 5) * SECOND) {
    if (at > lunchAt) {
      at += chance.between(8, 12) * MINUTE;
      lunchAt = Number.POSITIVE_INFINITY;
    }
    yield { at, kind: "pointer", count: 1 };
  }
};

/** A turning plate under a mouse: an event for each frame. */
const plate: Actor = function* (_chance, length) {
  for (let at = 0; at < length; at += SECOND) yield { at, kind: "pointer", count: 60 };
};

const keys = (count: number) => Array.from({ length: count }, () => ({ kind: "key", count: 3 }) as const);

export const MACHINES: Readonly<Record<string, Actor>> = {
  "mouse, each 1 s": again(() => SECOND),
  "mouse, each 60 s": again(() => MINUTE),
  "mouse, each 30 s ± 5 %": again((chance) => 30 * SECOND * chance.between(0.95, 1.05)),
  "mouse, each 60 s ± 5 %": again((chance) => MINUTE * chance.between(0.95, 1.05)),
  "mouse, each 2 s ± 50 %": again((chance) => 2 * SECOND * chance.between(0.5, 1.5)),
  "mouse, log-normal, 3 s": again((chance) => chance.logNormal(3 * SECOND, 0.5)),
  "mouse, log-normal, 40 s": again((chance) => chance.logNormal(40 * SECOND, 0.5)),
  "a macro of keys": macro(keys(12), 120, 20 * SECOND),
  "a macro of clicks": macro([{ kind: "pointer", count: 3 }], 50, 5 * SECOND),
  "a replayed recording": replayed,
  "random moves, with lunch": withLunch,
  "a turning plate": plate,
};
