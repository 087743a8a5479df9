/** Thins out an event that comes again and again: the first time at once, then at most once a minute with a count. */

export interface Bursts {
  /** How many events a record made now stands for; 0: none is due. */
  count(key: string, now: number): number;
}

const QUIET_PERIOD = 60_000;
const CAPACITY = 10_000;

export function createBursts(): Bursts {
  const bursts = new Map<string, { readonly toldAt: number; count: number }>();
  return {
    count(key, now) {
      const burst = bursts.get(key);
      if (burst !== undefined && now < burst.toldAt + QUIET_PERIOD) {
        burst.count++;
        return 0;
      }
      bursts.delete(key);
      bursts.set(key, { toldAt: now, count: 0 });
      if (bursts.size > CAPACITY) bursts.delete(bursts.keys().next().value ?? "");
      return (burst?.count ?? 0) + 1;
    },
  };
}
