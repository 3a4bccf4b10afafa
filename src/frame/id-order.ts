import type { IdColumn } from './column.ts';
import { compareIds } from './id.ts';

/** Whole numbers up to it are exact. */
const largestKey = Number.MAX_SAFE_INTEGER;

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
  let longest = 0;
  for (let row = 0; row < keys.length; row++) longest = Math.max(longest, offsets[row + 1]! - offsets[row]!);
  let room = most;
  for (let place = 0; place < longest; place++) {
    // An id that has ended comes before all that go on.
    const digits = new Uint16Array(257);
    for (let row = 0; row < keys.length; row++) {
      const at = offsets[row]! + place;
      digits[at < offsets[row + 1]! ? bytes[at]! + 1 : 0] = 1;
    }
    const base = digits.reduce((sum, isUsed) => sum + isUsed, 0);
    if (base === 1) continue;
    room = Math.floor(room / base);
    if (room < 1) return { keys, isWhole: false };
    let digit = 0;
    for (let byte = 0; byte < digits.length; byte++) if (digits[byte] === 1) digits[byte] = digit++;
    for (let row = 0; row < keys.length; row++) {
      const at = offsets[row]! + place;
      keys[row] = keys[row]! * base + digits[at < offsets[row + 1]! ? bytes[at]! + 1 : 0]!;
    }
  }
  return { keys, isWhole: true };
}
