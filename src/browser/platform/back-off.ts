/** How long to wait before the next attempt: doubling from `first` to 10 s, spread by half so that tabs don't march in step. */
export function backOff(first: number, { failures, random }: { failures: number; random: number }): number {
  return Math.min(10_000, first * 2 ** failures) * (1 + random / 2);
}
