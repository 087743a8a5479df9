/** Changes what a tombstone says of who was told of its end, again whenever another write came first. */
import { forgotten, type SessionRecord } from "../record/session.js";
import type { SessionStore } from "../stores/store.js";

const ATTEMPTS = 16;

/**
 * Writes what `change` makes of the record.
 * @param change null where nothing changes
 * @returns whether it was written
 */
export async function changeTombstone(
  store: SessionStore,
  record: SessionRecord,
  change: (record: SessionRecord) => SessionRecord | null,
): Promise<boolean> {
  let current: SessionRecord | undefined = record;
  for (let attempt = 0; attempt < ATTEMPTS && current !== undefined; attempt++) {
    const next = change(current);
    if (next === null) return false;
    const kept = next.forgotten === true ? forgotten(next) : next;
    const { outcome } = await store.replace(kept, { revision: current.revision });
    if (outcome === "done") return true;
    current = (await store.find(record.sid))?.record;
  }
  return false;
}
