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
