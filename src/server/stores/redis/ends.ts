/**
 * What has ended of late, in Redis: a stream for each app, which every node reads on from where it was. So a node hears
 * of each end once, needs no connection that waits, and no right besides those of the other commands.
 */
import type { EndedSince } from "../store.js";
import { listOf, type RedisCaller, textOf } from "./caller.js";
import type { RedisKeys } from "./keys.js";
import { ADD_END, ENDS } from "./scripts.js";

interface RedisEnds {
  /** Tells of an end that has been written. A hint: where it cannot be told, the end stands all the same. */
  add(app: string, sid: string): void;
  since(app: string, since: string | null): Promise<EndedSince>;
}

export function redisEnds(caller: RedisCaller, keys: RedisKeys): RedisEnds {
  return {
    add(app, sid) {
      caller.run(ADD_END, keys.ends(app), sid).catch(() => {});
    },
    async since(app, since) {
      const { values } = await caller.run(ENDS, keys.ends(app), since ?? "");
      return { sids: listOf(values[0]).map(textOf), next: textOf(values[1]) };
    },
  };
}
