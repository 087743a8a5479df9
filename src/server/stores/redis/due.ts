/** The list of what is due in Redis. A heartbeat leaves it alone; whoever reads it moves on what is due later by now. */
import { UnreadableRecordError } from "../../platform/errors.js";
import { keepingOf, type SessionRecord } from "../../record/session.js";
import { type Found, type FoundSession, UNREADABLE_PERIOD } from "../store.js";
import { listOf, type RedisCaller, textOf } from "./caller.js";
import type { RedisKeys } from "./keys.js";
import { ADVANCE, DUE, RESCHEDULE } from "./scripts.js";

const LEAST_PAGE = 100;
/** How many entries one call looks at, so that it stays short although very many have moved; the next one goes on. */
const MOST_ENTRIES = 1_000;

interface RedisDue {
  /** A session is due no later than its record says. */
  advance(record: SessionRecord): Promise<void>;
  list(app: string, limit: number): Promise<readonly Found[]>;
}

interface RedisDueReads {
  /** Reads a record; null where it is gone, an error where it cannot be read. */
  readonly session: (sid: string) => Promise<FoundSession | UnreadableRecordError | null>;
  /** The same with what is kept of its subject; asked for what is due alone. */
  readonly whole: (sid: string) => Promise<Found | UnreadableRecordError | null>;
}

export function redisDue(caller: RedisCaller, keys: RedisKeys, read: RedisDueReads): RedisDue {
  /** What is due, and when what is not will be (null: never). */
  async function look(app: string, sid: string, now: number) {
    const session = await read.session(sid);
    const isDue = session !== null && !(session instanceof UnreadableRecordError) && isDueIn(app, session);
    if (!isDue) return { due: null, dueAt: nextLook(app, session, now) };
    const whole = await read.whole(sid);
    const due =
      whole !== null && !(whole instanceof UnreadableRecordError) && isDueIn(app, whole) ? whole : null;
    return { due, dueAt: nextLook(app, whole, now) };
  }

  async function page(app: string, offset: number, size: number) {
    const { now, values } = await caller.run(DUE, keys.due(app), String(offset), String(size));
    const flat = listOf(values[0]).map(textOf);
    const entries = flat.flatMap((sid, at) => (at % 2 === 0 ? [{ sid, score: flat[at + 1] ?? "" }] : []));
    return Promise.all(entries.map(async (entry) => ({ ...entry, ...(await look(app, entry.sid, now)) })));
  }
  return {
    async advance(record) {
      const { dueAt } = keepingOf(record);
      if (dueAt !== null) await caller.run(ADVANCE, keys.due(record.app), record.sid, String(dueAt));
    },
    async list(app, limit) {
      const found: Found[] = [];
      const size = Math.max(limit, LEAST_PAGE);
      for (let looked = 0; looked < MOST_ENTRIES && found.length < limit; looked += size) {
        const entries = await page(app, found.length, size);
        const moves: string[] = [];
        for (const { sid, score, due, dueAt } of entries) {
          if (due !== null) found.push(due);
          else moves.push(sid, score, dueAt === null ? "" : String(dueAt));
        }
        if (moves.length > 0) await caller.run(RESCHEDULE, keys.due(app), ...moves);
        if (entries.length < size) break;
      }
      return found.slice(0, limit);
    },
  };
}

function nextLook(
  app: string,
  session: FoundSession | UnreadableRecordError | null,
  now: number,
): number | null {
  if (session instanceof UnreadableRecordError) return now + UNREADABLE_PERIOD;
  return session?.record.app === app ? keepingOf(session.record).dueAt : null;
}

function isDueIn(app: string, { record, now }: FoundSession): boolean {
  return record.app === app && now >= (keepingOf(record).dueAt ?? Number.POSITIVE_INFINITY);
}
