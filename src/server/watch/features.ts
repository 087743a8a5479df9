/** What tells a script's or a device's activity from a person's. Each may be a person's too: so none is enough by itself. */
import type { WatchRules } from "../policy/watch.types.js";
import { FULL } from "./beat.js";
import { spreadOf } from "./statistics.js";

/** What may be so of a session's activity. */
export interface Features {
  /** For a whole period there was nothing but, say, `pointer`. */
  readonly "one kind of input": boolean;
  /** Sample by sample the number of inputs for the time is nearly the same. */
  readonly "steady counts": boolean;
  /** The reports are the same few distances apart, as no hand does it. */
  readonly "regular distances": boolean;
  /** For hours there was no pause. */
  readonly "no pause": boolean;
  /** Each warning was answered faster than anybody reads it. */
  readonly "prompt answers": boolean;
  /** The browser says that a program drives it. */
  readonly automated: boolean;
}

/** Fewer inputs in a sample say nothing about how steady they come. */
const LEAST_INPUTS = 5;
/** So few inputs in a sample that its distance to the next one is that of two inputs. */
const FEW_INPUTS = 3;
/** Where inputs follow one another faster, a report's distance is the timer's that sends it. */
const LEAST_DISTANCE = 200;
/** How far apart distances may be that count as the same, and how many different ones a device has. */
const SAME_DISTANCE = 50;
const MOST_DISTANCES = 4;
/** What most of the samples are. */
const MOST = 0.8;

/** Distances in milliseconds and inputs of as many samples. */
interface SampleList {
  readonly gaps: readonly number[];
  readonly inputs: readonly number[];
}

/** The features that samples show; none where there are too few. */
export function featuresIn(
  samples: SampleList | null,
  { samples: enough, steady, regular }: WatchRules["machine-like"],
): Pick<Features, "steady counts" | "regular distances"> {
  if (samples === null || samples.gaps.length < enough)
    return { "steady counts": false, "regular distances": false };
  const { gaps, inputs } = samples;
  return {
    "steady counts": areSteady(gaps, inputs, steady),
    "regular distances": areRegular(gaps, inputs, regular),
  };
}

function areSteady(gaps: readonly number[], inputs: readonly number[], steady: number): boolean {
  const counted = shareOf(inputs, (count) => count !== FULL && count >= LEAST_INPUTS);
  const rates = inputs.map((count, at) => (60_000 * count) / (gaps[at] ?? 1));
  return counted >= MOST && spreadOf(rates) <= steady;
}

function areRegular(gaps: readonly number[], inputs: readonly number[], regular: number): boolean {
  const apart = shareOf(inputs, (count, at) => count !== FULL && (gaps[at] ?? 0) / count >= LEAST_DISTANCE);
  if (apart < MOST) return false;
  const few = shareOf(inputs, (count) => count !== FULL && count <= FEW_INPUTS);
  return sameDistances(gaps) >= MOST || (few >= MOST && spreadOf(gaps) <= regular);
}

/** The share of the distances that are one of the few most frequent ones. */
function sameDistances(gaps: readonly number[]): number {
  const found = new Map<number, number>();
  for (const gap of gaps) {
    const place = Math.round(gap / SAME_DISTANCE);
    found.set(place, (found.get(place) ?? 0) + 1);
  }
  const frequent = [...found.values()].sort((a, b) => b - a).slice(0, MOST_DISTANCES);
  return frequent.reduce((sum, count) => sum + count, 0) / gaps.length;
}

function shareOf(values: readonly number[], is: (value: number, at: number) => boolean): number {
  return values.filter(is).length / values.length;
}
