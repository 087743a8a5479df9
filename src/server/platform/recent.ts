/** Maps that keep what was put into them last, and let go of the rest. */

/**
 * Puts an entry at the young end of a map. Where there are more than `capacity`, the oldest goes.
 * @returns what has gone, or null
 */
export function putRecent<Key, Value>(
  map: Map<Key, Value>,
  capacity: number,
  key: Key,
  value: Value,
): readonly [Key, Value] | null {
  map.delete(key);
  map.set(key, value);
  const [oldest = null] = map.size > capacity ? map : [];
  if (oldest !== null) map.delete(oldest[0]);
  return oldest;
}

/** Texts longer than this are not kept: whoever sends them chooses how long they are. */
const LONGEST = 500;

/**
 * The same function, which makes the same of the same text once and keeps its last results.
 * @param work always gives the same for the same text
 */
export function remembering<Value>(
  capacity: number,
  work: (text: string) => Value,
  longest = LONGEST,
): (text: string) => Value {
  const results = new Map<string, Value>();
  return (text) => {
    const known = results.get(text);
    if (known !== undefined) return known;
    const value = work(text);
    if (text.length <= longest) putRecent(results, capacity, text, value);
    return value;
  };
}
