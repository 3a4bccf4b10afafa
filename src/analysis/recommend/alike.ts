import type { CustomerLists } from './customer-lists.ts';

/** Of each customer the first one, by row, whose list is the same, in the same segment; and whether others come after it. */
export type Alike = { readonly first: Int32Array; readonly repeats: Uint8Array };

/**
 * Finds the customers of a segment that are offered the same: products, scores and origins, in the same order. Who owns
 * the same goods does, so that few different lists often serve many customers. Expected O(n), by hashing.
 */
export function findAlike({ offsets, products, score, origin }: CustomerLists, segmentOf: Int32Array): Alike {
  const first = new Int32Array(segmentOf.length);
  const repeats = new Uint8Array(segmentOf.length);
  const bits = new Int32Array(score.buffer, score.byteOffset, score.length * 2);
  const hashOf = (row: number): number => {
    let hash = mixed(segmentOf[row]!, offsets[row + 1]! - offsets[row]!);
    for (let i = offsets[row]!; i < offsets[row + 1]!; i++) {
      hash = mixed(mixed(hash, products[i]!), origin[i]!);
      hash = mixed(mixed(hash, bits[2 * i]!), bits[2 * i + 1]!);
    }
    return hash;
  };
  const areAlike = (row: number, other: number): boolean => {
    const length = offsets[row + 1]! - offsets[row]!;
    if (segmentOf[row] !== segmentOf[other] || offsets[other + 1]! - offsets[other]! !== length) return false;
    for (let i = offsets[row]!, j = offsets[other]!; i < offsets[row + 1]!; i++, j++) {
      if (products[i] !== products[j] || score[i] !== score[j] || origin[i] !== origin[j]) return false;
    }
    return true;
  };
  const slots = new Int32Array(2 ** Math.ceil(Math.log2(2 * segmentOf.length + 1))).fill(-1);
  for (let row = 0; row < first.length; row++) {
    let slot = hashOf(row) & (slots.length - 1);
    while (slots[slot]! >= 0 && !areAlike(row, slots[slot]!)) slot = (slot + 1) & (slots.length - 1);
    if (slots[slot]! < 0) slots[slot] = row;
    first[row] = slots[slot]!;
    if (first[row] !== row) repeats[first[row]!] = 1;
  }
  return { first, repeats };
}

/** One step of FNV-1a by words, with its high bits brought down to where the table looks. */
function mixed(hash: number, word: number): number {
  const product = Math.imul(hash ^ word, 0x01000193);
  return product ^ (product >>> 15);
}
