/** Chance that can be had again: the same seed gives the same choices. */
import { createHash } from "node:crypto";

export interface Chance {
  /** 0 up to, and without, 1. */
  next(): number;
  between(least: number, most: number): number;
  oneOf<T>(list: readonly T[]): T | undefined;
  /** One of the names, each as often as its weight says. */
  weighted<Name extends string>(weights: Readonly<Record<Name, number>>): Name;
}

export function chanceOf(seed: number): Chance {
  let drawn = 0;
  const next = () => createHash("sha256").update(`${seed} ${drawn++}`).digest().readUInt32BE() / 2 ** 32;
  return {
    next,
    between: (least, most) => least + next() * (most - least),
    oneOf: (list) => list[Math.floor(next() * list.length)],
    weighted(weights) {
      const entries = Object.entries<number>(weights);
      let left = next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
      const chosen = entries.find(([, weight]) => {
        left -= weight;
        return left < 0;
      });
      return (chosen ?? entries[0])?.[0] as keyof typeof weights;
    },
  };
}
