/**
 * Changes of which the store did not say in time whether they took effect: the trail has each with all that it says, as
 * `unconfirmed`. The next change tells by its number, and by what it commits to, which of them did.
 */
import type { JsonObject } from "../protocol/members.js";
import type { Replayed } from "./replay.types.js";

export function isUnconfirmed(record: JsonObject): boolean {
  return record.unconfirmed === true;
}

/** A record, and what the session was after it. */
export interface Reached<Entry> {
  readonly entry: Entry;
  readonly state: Replayed;
}

/**
 * What the session was after an entry, and after those of the unconfirmed ones before it that must have taken effect.
 * @param turnOn throws where the entry cannot follow
 */
export async function reach<Entry extends { readonly record: JsonObject }>(
  state: Replayed,
  entry: Entry,
  unconfirmed: readonly Entry[],
  turnOn: (state: Replayed, entry: Entry) => Promise<Replayed>,
): Promise<readonly Reached<Entry>[]> {
  const isNext = Number(entry.record.change) <= state.change + 1;
  const candidates = isNext ? [] : unconfirmed.filter(({ record }) => record.change === state.change + 1);
  for (const candidate of candidates) {
    try {
      const between = await turnOn(state, candidate);
      const rest = await reach(between, entry, unconfirmed, turnOn);
      return [{ entry: candidate, state: between }, ...rest];
    } catch {
      // It was another one, or none: what is missing then is told below.
    }
  }
  return [{ entry, state: await turnOn(state, entry) }];
}
