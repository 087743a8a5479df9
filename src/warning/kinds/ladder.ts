/** What is spoken, and when, apart from the clock that is seen: few rungs, each once, never a backlog. */

import { RUNGS } from "./kinds.js";
import { shownTime } from "./shown-time.js";

interface Utterance {
  /** How much time to speak of, in milliseconds. */
  readonly left: number;
  /** Whether it may interrupt. */
  readonly urgent: boolean;
}

export interface Ladder {
  /** Call after opening: the opening itself has told of this much time. */
  begin(remaining: number, now: number): void;
  /** What to speak at this moment, if anything. */
  climb(remaining: number, now: number): Utterance | null;
}

/** The lowest rung that `remaining` has come down to; null where it is above them all. */
export function rungOf(rungs: readonly number[], remaining: number): number | null {
  return rungs.find((rung) => remaining <= rung) ?? null;
}

/** Milliseconds until the next rung; none is left: Infinity. */
export function untilNextRung(rungs: readonly number[], remaining: number): number {
  const next = [...rungs].reverse().find((rung) => rung < remaining);
  return next === undefined ? Number.POSITIVE_INFINITY : remaining - next;
}

/** Two utterances closer than this would talk over each other. */
const QUIET_PERIOD = 10_000;
/** Later than this nobody has the time to act on speech. */
const LAST_CALL = 20_000;
const URGENT = 30_000;
/** A rung that was passed by less than this is still the truth in spoken words; the first of them come a second late. */
const ROUNDING = 2000;

/** @throws RangeError for a rung that is none: fewer may be said, never more. */
export function checkAnnounce(announce: readonly number[] | undefined): void {
  for (const rung of announce ?? [])
    if (!RUNGS.includes(rung))
      throw new RangeError(`announce has ${rung}. Give milliseconds out of ${RUNGS.join(", ")}.`);
}

/** @param all The kind's rungs. @param announce Those to speak at; default all. */
export function createLadder(all: readonly number[], announce?: readonly number[]): Ladder {
  const rungs = announce === undefined ? all : all.filter((rung) => announce.includes(rung));
  let reached = Number.POSITIVE_INFINITY;
  let spokenAt = Number.NEGATIVE_INFINITY;
  const rungAt = (remaining: number) => rungs.find((rung) => remaining <= rung);
  return {
    begin(remaining, now) {
      reached = rungAt(remaining) ?? Number.POSITIVE_INFINITY;
      spokenAt = now;
    },
    climb(remaining, now) {
      const rung = rungAt(remaining);
      if (rung === undefined || rung >= reached) return null;
      reached = rung;
      if (remaining < LAST_CALL || now - spokenAt < QUIET_PERIOD) return null;
      spokenAt = now;
      return {
        left: rung - remaining < ROUNDING ? rung : shownTime(remaining, true),
        urgent: rung <= URGENT,
      };
    },
  };
}
