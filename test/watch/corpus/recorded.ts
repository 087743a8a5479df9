/** What a real Chromium has reported while the corpus was played into it (`record.ts`). */
import { readFileSync } from "node:fs";
import type { InputCounts } from "../../../src/protocol/heartbeat.js";
import { chance } from "./chance.js";
import { MACHINES } from "./machines.js";
import { type Actor, ASSISTED, type Input, PEOPLE } from "./people.js";

export const ACTORS: Readonly<Record<string, Actor>> = { ...PEOPLE, ...ASSISTED, ...MACHINES };
const PERIOD = 50 * 60_000;
const SEED = 20_261_130;
/** A browser tells of a movement once a frame: an hour of theirs takes an hour. Each must be named to be recorded. */
export const DENSE: readonly string[] = ["drawer", "gamer", "dwell clicker", "a turning plate"];

/** What is played of an actor, in order. */
export const recordedInputs = (actor: Actor): readonly Input[] =>
  [...actor(chance(SEED), PERIOD)].filter(({ at }) => at < PERIOD).sort((a, b) => a.at - b.at);

/** A heartbeat that the server took; times in milliseconds since the session's first input could come. */
export interface RecordedBeat {
  readonly at: number;
  readonly lastActiveAt: number;
  readonly intent: string;
  /** Those that are not 0. */
  readonly counts: Partial<InputCounts>;
}

export interface Recorded {
  readonly name: string;
  readonly beats: readonly RecordedBeat[];
}

export const recordings = (): readonly Recorded[] =>
  readFileSync(new URL("recorded.jsonl", import.meta.url), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Recorded);
