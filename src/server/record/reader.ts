/** Reads sessions again and again: what is as it was read the last time is not read anew. */
import { putRecent } from "../platform/recent.js";
import { readChangedRecord, readSessionRecord } from "./read.js";
import type { SessionRecord } from "./session.js";

export interface SessionReader {
  /**
   * As `readSessionRecord`.
   * @param sid under which the store found it
   * @throws UnreadableRecordError
   */
  read(sid: string, kept: unknown): SessionRecord;
  /** The store has been given it: what was read before of a session that has ended now is kept no longer. */
  written(record: SessionRecord): void;
  /** The store has it no more. */
  forget(sid: string): void;
}

/** Some MB: of so many sessions, and no record whose text is longer than that. */
const CAPACITY = 2_000;
const LONGEST = 8_000;

/**
 * Records are never edited, so the last one of each session can be handed out again. Of ended sessions none is kept, and
 * so none of a person who is forgotten.
 * @param capacity of how many sessions
 */
export function createSessionReader(capacity = CAPACITY): SessionReader {
  const last = new Map<string, { readonly kept: unknown; readonly record: SessionRecord }>();
  return {
    read(sid, kept) {
      const known = last.get(sid);
      if (known !== undefined && known.kept === kept) return known.record;
      const record = known === undefined ? readSessionRecord(kept) : readChangedRecord(kept, known.record);
      if (record.ended !== null || (typeof kept === "string" && kept.length > LONGEST)) last.delete(sid);
      else putRecent(last, capacity, sid, { kept, record });
      return record;
    },
    written({ sid, ended }) {
      if (ended !== null) last.delete(sid);
    },
    forget: (sid) => void last.delete(sid),
  };
}
