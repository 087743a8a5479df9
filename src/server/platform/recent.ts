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
 * The same function, which makes the same of the same text once and keeps its last results: at least half of `capacity`
 * of them. In two generations, for to look for the oldest entry of a map means to pass all that were there before it.
 * @param work always gives the same for the same text
 */
export function remembering<Value>(
  capacity: number,
  work: (text: string) => Value,
  longest = LONGEST,
): (text: string) => Value {
  let young = new Map<string, Value>();
  let old = new Map<string, Value>();
  return (text) => {
    const known = young.get(text);
    if (known !== undefined) return known;
    const value = old.get(text) ?? work(text);
    if (text.length > longest) return value;
    if (young.size >= capacity / 2) {
      old = young;
      young = new Map();
    }
    young.set(text, value);
    return value;
  };
}
