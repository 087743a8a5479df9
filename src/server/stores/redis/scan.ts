/** Every session in Redis, one after the other: by the keys themselves, so that no list can leave one out. */
import { UnreadableRecordError } from "../../platform/errors.js";
import type { SessionRecord } from "../../record/session.js";
import type { FoundSession } from "../store.js";
import { listOf, textOf } from "./caller.js";
import type { RedisDriver } from "./driver.js";
import type { RedisKeys } from "./keys.js";

interface RedisScan {
  readonly driver: RedisDriver;
  readonly keys: RedisKeys;
  /** An error where the record cannot be read. */
  read(sid: string): Promise<FoundSession | UnreadableRecordError | null>;
}

/** How many keys a server looks at before it lets others have their turn. */
const COUNT = "500";

export async function* sessionsIn(
  app: string,
  { driver, keys, read }: RedisScan,
): AsyncIterable<SessionRecord> {
  const seen = new Set<string>();
  let unreadable: UnreadableRecordError | null = null;
  for (const send of await driver.nodes()) {
    let cursor = "0";
    do {
      const args = ["SCAN", cursor, "MATCH", keys.sessionPattern, "COUNT", COUNT];
      const [next, names] = listOf(await send(args, null));
      cursor = textOf(next);
      const sids = listOf(names).map((name) => keys.sidIn(textOf(name)));
      // SCAN may name a key twice.
      const fresh = [...new Set(sids)].filter((sid) => !seen.has(sid));
      for (const sid of fresh) seen.add(sid);
      for (const found of await Promise.all(fresh.map(read))) {
        if (found instanceof UnreadableRecordError) unreadable = found.app === app ? found : unreadable;
        else if (found?.record.app === app) yield found.record;
      }
    } while (cursor !== "0");
  }
  if (unreadable !== null) throw unreadable;
}
