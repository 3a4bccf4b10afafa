/** A memory for what comes again soon. */
export type Recent<Key, Value> = { get(key: Key): Value | undefined; set(key: Key, value: Value): void };

/**
 * Remembers the last `most` keys that were set or asked for, and up to as many before them, whatever their number comes
 * to; what nobody asks for again is forgotten.
 */
export function createRecent<Key, Value>(most: number): Recent<Key, Value> {
  let young = new Map<Key, Value>();
  let old = new Map<Key, Value>();
  const set = (key: Key, value: Value): void => {
    if (young.size >= most) {
      old = young;
      young = new Map();
    }
    young.set(key, value);
  };
  return {
    get(key) {
      const found = young.get(key);
      if (found !== undefined || !old.has(key)) return found;
      const kept = old.get(key)!;
      set(key, kept);
      return kept;
    },
    set,
  };
}
