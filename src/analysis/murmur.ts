/**
 * MurmurHash3 (x86, 32 bit) of the bytes from `start` up to `end`: an unsigned 32-bit number that is
 * the same for ever. Spreads evenly; no defence against people who choose the bytes.
 * Source: Austin Appleby, https://github.com/aappleby/smhasher (public domain).
 */
export function murmur3(bytes: Uint8Array, seed: number, start = 0, end = bytes.length): number {
  let hash = seed | 0;
  const tail = start + ((end - start) & ~3);
  for (let i = start; i < tail; i += 4) {
    hash ^= mix(bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24));
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  let rest = 0;
  for (let i = end - 1; i >= tail; i--) rest = (rest << 8) | bytes[i]!;
  if (end > tail) hash ^= mix(rest);
  return finish(hash ^ (end - start));
}

function mix(block: number): number {
  const scrambled = Math.imul(block, 0xcc9e2d51);
  return Math.imul((scrambled << 15) | (scrambled >>> 17), 0x1b873593);
}

function finish(value: number): number {
  let hash = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
