/** One session's records from the logs of several nodes, in the order in which the session changed. */

/** What its order is told by. */
interface OrderedRecord {
  readonly change?: unknown;
  readonly at?: unknown;
}

interface Ranked<T> {
  readonly entry: T;
  /** The last change that its log tells of: a record that is no change stands behind it. */
  readonly change: number;
  readonly at: string;
}

/**
 * What stands in one log keeps its order there; between logs the number of the change decides, then the time.
 * @param logs the session's records, log by log
 */
export function inOrderOfChanges<T>(
  logs: readonly (readonly T[])[],
  recordOf: (entry: T) => OrderedRecord,
): readonly T[] {
  const waiting = logs.map((entries) => ranked(entries, recordOf));
  const ordered: T[] = [];
  for (let next = firstOf(waiting); next !== null; next = firstOf(waiting)) {
    const [first] = next.splice(0, 1);
    if (first !== undefined) ordered.push(first.entry);
  }
  return ordered;
}

function ranked<T>(entries: readonly T[], recordOf: (entry: T) => OrderedRecord): Ranked<T>[] {
  let last = 0;
  return entries.map((entry) => {
    const { change, at } = recordOf(entry);
    last = typeof change === "number" ? change : last;
    return { entry, change: last, at: String(at) };
  });
}

/** The log whose next record comes first; null where none has another one. */
function firstOf<T>(waiting: readonly Ranked<T>[][]): Ranked<T>[] | null {
  let first: Ranked<T>[] | null = null;
  for (const entries of waiting) {
    const [one] = entries;
    const [other] = first ?? [];
    if (one !== undefined && (other === undefined || isBefore(one, other))) first = entries;
  }
  return first;
}

function isBefore(one: Ranked<unknown>, other: Ranked<unknown>): boolean {
  // Instants of the trail's spelling stand in the order of their texts.
  return one.change === other.change ? one.at < other.at : one.change < other.change;
}
