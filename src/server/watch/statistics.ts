/** The few numbers that the rules need of a list of numbers. */

/** Of an even number of values the lower one of the middle; 0 of none. */
export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}

/** So many of the lowest and of the highest values are left out: a machine that stood still once is one all the same. */
const LEFT_OUT = 1 / 15;

/** How far values stray from their mean, as a share of it: the coefficient of variation. */
export function spreadOf(values: readonly number[]): number {
  const out = Math.round(values.length * LEFT_OUT);
  const kept = [...values].sort((a, b) => a - b).slice(out, values.length - out);
  const mean = kept.reduce((sum, value) => sum + value, 0) / kept.length;
  if (!(mean > 0)) return Number.POSITIVE_INFINITY;
  const variance = kept.reduce((sum, value) => sum + (value - mean) ** 2, 0) / kept.length;
  return Math.sqrt(variance) / mean;
}
