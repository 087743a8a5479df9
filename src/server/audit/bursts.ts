/** Thins out an event that comes again and again: the first time at once, then at most once a minute with a count. */
import { putRecent } from "../platform/recent.js";

export interface Bursts {
  /** How many events a record made now stands for; 0: none is due. */
  count(key: string, now: number): number;
  /**
   * The same for events of which a handful are no flood: those are told one by one, and what was left out is told with the
   * next one, or by `tellRest`.
   * @param tell makes the record, of `count` events, with the time `at`
   */
  tell(key: string, now: number, tell: TellBurst): void;
  /** Whether something was left out and is still to be told. */
  hasRest(): boolean;
  /** Tells what was left out, where nothing like it has come since. @param now absent: all of it */
  tellRest(now?: number): void;
}

type TellBurst = (count: number, at: number) => void;

interface Burst {
  readonly toldAt: number;
  /** How many were told one by one. */
  told: number;
  /** How many were left out. */
  count: number;
  lastAt: number;
  tell: TellBurst | null;
}

const QUIET_PERIOD = 60_000;
const CAPACITY = 10_000;
/** More of one kind from one session in a minute is no mere slip of a client. */
const HANDFUL = 5;

export function createBursts(): Bursts {
  const bursts = new Map<string, Burst>();
  const rest = new Set<Burst>();
  const close = (key: string, burst: Burst) => {
    bursts.delete(key);
    if (rest.delete(burst) && burst.count > 0) burst.tell?.(burst.count, burst.lastAt);
  };
  const begin = (key: string, now: number, told = 1) => {
    const burst: Burst = { toldAt: now, told, count: 0, lastAt: now, tell: null };
    const oldest = putRecent(bursts, CAPACITY, key, burst);
    if (oldest !== null) close(...oldest);
  };
  /** The burst that goes on, or null where a new one begins. */
  const current = (key: string, now: number): Burst | null => {
    const burst = bursts.get(key);
    return burst !== undefined && now < burst.toldAt + QUIET_PERIOD ? burst : null;
  };
  return {
    count(key, now) {
      const burst = current(key, now);
      if (burst !== null) {
        burst.count++;
        return 0;
      }
      const left = bursts.get(key)?.count ?? 0;
      begin(key, now);
      return left + 1;
    },
    tell(key, now, tell) {
      const burst = current(key, now);
      if (burst === null) {
        const before = bursts.get(key);
        const left = before !== undefined && rest.delete(before) ? before.count : 0;
        // A flood that goes on has no handful of its own again.
        begin(key, now, left > 0 ? HANDFUL : 1);
        tell(left + 1, now);
      } else if (burst.told < HANDFUL) {
        burst.told++;
        tell(1, now);
      } else {
        Object.assign(burst, { count: burst.count + 1, lastAt: now, tell });
        rest.add(burst);
      }
    },
    hasRest: () => rest.size > 0,
    tellRest(now) {
      // A minute longer than the quiet period: an event that still comes tells of those before it.
      for (const [key, burst] of bursts)
        if (rest.has(burst) && (now === undefined || now >= burst.toldAt + 2 * QUIET_PERIOD))
          close(key, burst);
    },
  };
}
