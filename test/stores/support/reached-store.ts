/** In a process of its own: the store of the test that has started it. */
import { postgresStore } from "../../../src/server/stores/postgres/store.js";
import { redisStore } from "../../../src/server/stores/redis/store.js";
import { sqliteStore } from "../../../src/server/stores/sqlite/store.js";
import type { SessionStore } from "../../../src/server/stores/store.js";

interface Clock {
  readonly now: () => number;
  readonly monotonic: () => number;
}

/** @param reach what `EveryStore.reach` says */
export function reachedStore(
  [kind = "", where = "", prefix = ""]: readonly string[],
  clock: Clock,
): SessionStore {
  const stores: Readonly<Record<string, () => SessionStore>> = {
    postgres: () => postgresStore(where, { clock, prefix }),
    redis: () => redisStore(where, { clock, prefix }),
    sqlite: () => sqliteStore(where, { clock, durability: "relaxed" }),
  };
  const open = stores[kind];
  if (open === undefined) throw new Error(`there is no store ${kind}`);
  return open();
}
