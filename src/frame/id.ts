import type { IdColumn } from './column.ts';

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** The id of a row as text; a null id is the empty string. */
export function idAt(column: IdColumn, row: number): string {
  return decoder.decode(column.bytes.subarray(column.offsets[row]!, column.offsets[row + 1]!));
}

/** Bytewise order of two ids, which may stand in different columns: negative, zero or positive. */
export function compareIds(left: IdColumn, leftRow: number, right: IdColumn, rightRow: number): number {
  const leftStart = left.offsets[leftRow]!;
  const rightStart = right.offsets[rightRow]!;
  const leftLength = left.offsets[leftRow + 1]! - leftStart;
  const rightLength = right.offsets[rightRow + 1]! - rightStart;
  const shared = Math.min(leftLength, rightLength);
  for (let i = 0; i < shared; i++) {
    const difference = left.bytes[leftStart + i]! - right.bytes[rightStart + i]!;
    if (difference !== 0) return difference;
  }
  return leftLength - rightLength;
}

/** The row of an id, which stands in a row of `ids`, in a column in bytewise order; -1 where it is not there. */
export function rowOfId(sorted: IdColumn, ids: IdColumn, row: number): number {
  const count = sorted.offsets.length - 1;
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareIds(sorted, middle, ids, row) < 0) low = middle + 1;
    else high = middle;
  }
  return low < count && compareIds(sorted, low, ids, row) === 0 ? low : -1;
}

/** A column of the given ids, in their order. */
export function idColumn(ids: readonly string[]): IdColumn {
  const parts = ids.map((id) => encoder.encode(id));
  const offsets = new Uint32Array(ids.length + 1);
  for (const [i, part] of parts.entries()) offsets[i + 1] = offsets[i]! + part.length;
  const bytes = new Uint8Array(offsets[ids.length]!);
  for (const [i, part] of parts.entries()) bytes.set(part, offsets[i]);
  return { kind: 'id', bytes, offsets };
}
