/** Chance that can be repeated: the same seed gives the same corpus. */

export interface Chance {
  /** From 0 up to 1. */
  next(): number;
  between(least: number, most: number): number;
  /** Of a normal distribution. */
  normal(mean: number, deviation: number): number;
  /** Log-normal, by its median. */
  logNormal(median: number, sigma: number): number;
  is(share: number): boolean;
}

/** Mulberry32. */
export function chance(seed: number): Chance {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const normal = (mean: number, deviation: number) =>
    mean + deviation * Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  return {
    next,
    normal,
    between: (least, most) => least + next() * (most - least),
    logNormal: (median, sigma) => median * Math.exp(normal(0, sigma)),
    is: (share) => next() < share,
  };
}
