/** A session's activity in samples of about one length: how far apart reports are, and how many inputs they tell of. */
import { type BeatInput, FULL } from "./beat.js";

export interface Samples {
  /** When the activity was that the last sample ended with. */
  readonly endAt: number;
  /** The inputs since; `FULL`: more than a heartbeat counts. */
  readonly open: number;
  /** Distances in milliseconds, and inputs, of as many samples, the oldest first. */
  readonly gaps: readonly number[];
  readonly inputs: readonly number[];
  /** The last records. */
  readonly seqs: readonly (number | null)[];
  /** How many heartbeats there were since the first sample that is kept, about. */
  readonly count: number;
}

/** A report tells of the last input before it, so that distances may be shorter than the interval of the reports. */
const ALMOST = 0.75;
const SEQS_KEPT = 10;

interface ReportedInput {
  readonly activeAt: number;
  readonly seq: number | null;
  readonly input: BeatInput;
}

/**
 * @param slot how long a sample is at least
 * @param most how many are kept
 * @returns what was given, where no sample has ended but the first
 */
export function addInput(
  state: Samples | null,
  { activeAt, seq, input }: ReportedInput,
  slot: number,
  most: number,
): Samples {
  if (state === null) return { endAt: activeAt, open: 0, gaps: [], inputs: [], seqs: [seq], count: 1 };
  const open = input.isFull || state.open === FULL ? FULL : state.open + input.inputs;
  const seqs = [...state.seqs, seq].slice(-SEQS_KEPT);
  const gap = activeAt - state.endAt;
  if (gap < ALMOST * slot) return { ...state, open, seqs, count: state.count + 1 };
  const isWhole = state.gaps.length === most;
  return {
    endAt: activeAt,
    open: 0,
    gaps: [...state.gaps, gap].slice(-most),
    inputs: [...state.inputs, open].slice(-most),
    seqs,
    count: isWhole ? Math.round((state.count * (most - 1)) / most) + 1 : state.count + 1,
  };
}

export function startOf({ endAt, gaps }: Samples): number {
  return gaps.reduce((at, gap) => at - gap, endAt);
}
