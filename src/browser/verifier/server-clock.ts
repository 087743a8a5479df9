/** The server's time, estimated from its answers on a clock that nobody can set. */
import type { Clock, RequestTiming } from "../platform/clock.js";

/** One answer: what the server's clock said, and between which two local instants it said so. */
export interface TimeSample extends RequestTiming {
  readonly now: number;
}

export interface ServerClock {
  add(sample: TimeSample): void;
  /** Forgets all samples: after a sleep the local clock may have stood still. */
  drop(): void;
  /** The server's now; null without a sample. */
  now(): number | null;
  /** The server's time of an `event.timeStamp`, never later than its now; null without a sample. */
  at(timeStamp: number): number | null;
  /** Whether an answer is surely an old one: the server's clock was further on when it was asked for. */
  isOld(sample: TimeSample): boolean;
  /**
   * The latest that the server's now may be, from what was ever known; null before the first answer. Good for what is
   * covered or asked next, never for a claim.
   */
  reckon(): number | null;
}

interface Estimate {
  /** Server time minus monotonic time. */
  readonly offset: number;
  readonly roundTrip: number;
  readonly takenAt: number;
}

const SAMPLES_KEPT = 8;
/** When wall and monotonic clock part by more, one of them jumped or stood still. */
const MAX_DISAGREEMENT = 1000;
/** How much two good quartz clocks part in a millisecond: an old sample loses its worth slowly. */
const DRIFT = 1e-4;

/** @param onDrop The samples are gone, and with them the meaning of every time stamp that was kept. */
export function createServerClock(
  clock: Pick<Clock, "monotonic" | "wall">,
  onDrop: () => void = () => {},
): ServerClock {
  let samples: Estimate[] = [];
  let best: Estimate | null = null;
  let wallOffset = 0;

  const jump = () => clock.wall() - clock.monotonic() - wallOffset;
  const drop = () => {
    if (samples.length > 0) onDrop();
    samples = [];
  };
  function isKnown(): boolean {
    if (Math.abs(jump()) > MAX_DISAGREEMENT) drop();
    return samples.length > 0;
  }
  // Whole milliseconds, rounded down: a claim of input never lies ahead of the server's now.
  const serverTimeOf = (monotonic: number) => Math.floor(monotonic + (best?.offset ?? 0));

  return {
    add({ now, sentAt, receivedAt }) {
      isKnown();
      const taken = { offset: now - (sentAt + receivedAt) / 2, roundTrip: receivedAt - sentAt };
      samples = [...samples, { ...taken, takenAt: receivedAt }].slice(-SAMPLES_KEPT);
      const cost = (sample: Estimate) => sample.roundTrip / 2 + (receivedAt - sample.takenAt) * DRIFT;
      best = samples.reduce((one, other) => (cost(other) <= cost(one) ? other : one));
      wallOffset = clock.wall() - clock.monotonic();
    },
    drop,
    now: () => (isKnown() ? serverTimeOf(clock.monotonic()) : null),
    at: (timeStamp) => (isKnown() ? serverTimeOf(Math.min(timeStamp, clock.monotonic())) : null),
    isOld: ({ now, sentAt }) => isKnown() && now < serverTimeOf(sentAt) - MAX_DISAGREEMENT,
    reckon() {
      if (best === null) return null;
      const jumped = jump();
      return serverTimeOf(clock.monotonic() + (jumped > MAX_DISAGREEMENT ? jumped : 0));
    },
  };
}
