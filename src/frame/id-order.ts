import type { IdColumn } from './column.ts';
import { compareIds } from './id.ts';

/** Whole numbers up to it are exact. */
const largestKey = Number.MAX_SAFE_INTEGER;

/** Ids that are the same for so many bytes are compared. */
const mostPlaces = 256;

/** Row numbers in bytewise order of their ids; equal ids keep the order they came in. */
export function sortedRows(column: IdColumn): Uint32Array {
  const rows = new Uint32Array(column.offsets.length - 1);
  let sorted = true;
  for (let row = 0; row < rows.length; row++) {
    rows[row] = row;
    if (sorted && row > 0) sorted = compareIds(column, row - 1, column, row) <= 0;
  }
  return sorted ? rows : sortByKeys(column, rows);
}

/** Sorts numbers, which takes a tenth of comparing ids: what tells ids apart, and behind it the row. */
function sortByKeys(column: IdColumn, rows: Uint32Array): Uint32Array {
  const rowsUpTo = 2 ** Math.ceil(Math.log2(rows.length));
  const { keys, isWhole } = keysOf(column, Math.floor(largestKey / rowsUpTo));
  for (let row = 0; row < keys.length; row++) keys[row] = keys[row]! * rowsUpTo + row;
  // The bits of numbers above zero lie in their order.
  new BigInt64Array(keys.buffer).sort();
  let runFrom = 0;
  for (let i = 0; i < keys.length; i++) {
    const key = Math.floor(keys[i]! / rowsUpTo);
    rows[i] = keys[i]! - key * rowsUpTo;
    keys[i] = key;
    if (isWhole || (i > 0 && key === keys[runFrom])) continue;
    sortRun(column, rows, runFrom, i);
    runFrom = i;
  }
  if (!isWhole) sortRun(column, rows, runFrom, rows.length);
  return rows;
}

/** Rows whose ids begin alike. */
function sortRun(column: IdColumn, rows: Uint32Array, from: number, end: number): void {
  if (end - from < 2) return;
  rows.subarray(from, end).sort((a, b) => compareIds(column, a, column, b) || a - b);
}

/**
 * A number below `most` for each id, in the order of the ids: its bytes as digits, counted among those that stand at their
 * place in any id. `isWhole` where all bytes found room, so that only equal ids have equal numbers.
 */
function keysOf(
  { offsets, bytes }: IdColumn,
  most: number,
): { readonly keys: Float64Array; readonly isWhole: boolean } {
  const keys = new Float64Array(offsets.length - 1);
  const { digits, places, isWhole } = digitsOf({ offsets, bytes }, most);
  for (let row = 0; row < keys.length; row++) {
    const start = offsets[row]!;
    const end = Math.min(offsets[row + 1]!, start + places);
    let key = 0;
    for (let at = start, digit = 0; at < end; at++, digit += byteCount) key += digits[digit + bytes[at]!]!;
    keys[row] = key;
  }
  return { keys, isWhole };
}

const byteCount = 256;

/** What each byte adds to the number at each place, the first place first; an id that has ended adds nothing. */
function digitsOf(
  { offsets, bytes }: Pick<IdColumn, 'offsets' | 'bytes'>,
  most: number,
): { readonly digits: Float64Array; readonly places: number; readonly isWhole: boolean } {
  let shortest = Infinity;
  let longest = 0;
  for (let row = 0; row + 1 < offsets.length; row++) {
    const length = offsets[row + 1]! - offsets[row]!;
    shortest = Math.min(shortest, length);
    longest = Math.max(longest, length);
  }
  const looked = Math.min(longest, mostPlaces);
  const digits = new Float64Array(looked * byteCount);
  for (let row = 0; row + 1 < offsets.length; row++) {
    const start = offsets[row]!;
    const end = Math.min(offsets[row + 1]!, start + looked);
    for (let at = start, digit = 0; at < end; at++, digit += byteCount) digits[digit + bytes[at]!] = 1;
  }
  const bases: number[] = [];
  let room = most;
  for (let place = 0; place < looked; place++) {
    // Where ids have ended, that is a digit as well: it comes before all others.
    let base = place < shortest ? 0 : 1;
    for (let byte = place * byteCount; byte < (place + 1) * byteCount; byte++) {
      if (digits[byte] === 1) digits[byte] = base++;
    }
    room = Math.floor(room / base);
    if (room < 1) break;
    bases.push(base);
  }
  let weight = 1;
  for (let place = bases.length - 1; place >= 0; place--) {
    for (let byte = place * byteCount; byte < (place + 1) * byteCount; byte++) digits[byte]! *= weight;
    weight *= bases[place]!;
  }
  return { digits, places: bases.length, isWhole: bases.length === longest };
}
