/** The list of what is due in Redis. A heartbeat leaves it alone; whoever reads it moves on what is due later by now. */
import { UnreadableRecordError } from "../../platform/errors.js";
import { keepingOf, type SessionRecord } from "../../record/session.js";
import type { Found } from "../store.js";
import { listOf, type RedisCaller, textOf } from "./caller.js";
import type { RedisKeys } from "./keys.js";
import { ADVANCE, DUE, RESCHEDULE } from "./scripts.js";

const LEAST_PAGE = 100;
/** So that one call stays short although very many have moved; the next one goes on. */
const MOST_PAGES = 20;
/** A record that cannot be read is looked at again this much later, so that it takes no other's place meanwhile. */
const UNREADABLE_PERIOD = 60_000;

export interface RedisDue {
  /** A session is due no later than its record says. */
  advance(record: SessionRecord): Promise<void>;
  list(app: string, limit: number): Promise<readonly Found[]>;
}

/** @param read reads a record; null where it is gone, an error where it cannot be read */
export function redisDue(
  caller: RedisCaller,
  keys: RedisKeys,
  read: (sid: string) => Promise<Found | UnreadableRecordError | null>,
): RedisDue {
  async function page(app: string, offset: number, size: number) {
    const { now, values } = await caller.run(DUE, keys.due(app), String(offset), String(size));
    const flat = listOf(values[0]).map(textOf);
    const entries = flat.flatMap((sid, at) => (at % 2 === 0 ? [{ sid, score: flat[at + 1] ?? "" }] : []));
    return Promise.all(
      entries.map(async (entry) => {
        const found = await read(entry.sid);
        if (found instanceof UnreadableRecordError)
          return { ...entry, found: null, dueAt: now + UNREADABLE_PERIOD };
        return { ...entry, found, dueAt: found?.record.app === app ? keepingOf(found.record).dueAt : null };
      }),
    );
  }
  return {
    async advance(record) {
      const { dueAt } = keepingOf(record);
      if (dueAt !== null) await caller.run(ADVANCE, keys.due(record.app), record.sid, String(dueAt));
    },
    async list(app, limit) {
      const due: Found[] = [];
      const size = Math.max(limit, LEAST_PAGE);
      for (let pages = 0; pages < MOST_PAGES && due.length < limit; pages++) {
        const entries = await page(app, due.length, size);
        const moves: string[] = [];
        for (const { sid, score, found, dueAt } of entries) {
          if (found !== null && dueAt !== null && found.now >= dueAt) due.push(found);
          else moves.push(sid, score, dueAt === null ? "" : String(dueAt));
        }
        if (moves.length > 0) await caller.run(RESCHEDULE, keys.due(app), ...moves);
        if (entries.length < size) break;
      }
      return due.slice(0, limit);
    },
  };
}
