/**
 * The numbers from 0 to before `count` for which it holds, ascending. For rows of a frame: the language's own `filter` of
 * typed arrays, and their `from` with a function, hold 50 bytes a row while they work.
 */
export function rowsWhere(count: number, holds: (row: number) => boolean): Uint32Array {
  const rows = new Uint32Array(count);
  let length = 0;
  for (let row = 0; row < count; row++) if (holds(row)) rows[length++] = row;
  return length === count ? rows : rows.slice(0, length);
}

/** The rows of a list for which it holds, in its order; see `rowsWhere`. */
export function rowsAmong(rows: Uint32Array, holds: (row: number) => boolean): Uint32Array {
  const found = new Uint32Array(rows.length);
  let length = 0;
  for (let i = 0; i < rows.length; i++) if (holds(rows[i]!)) found[length++] = rows[i]!;
  return length === rows.length ? rows : found.slice(0, length);
}

/** The numbers of these rows, in their order. */
export function numbersOf(values: Float64Array, rows: Uint32Array): Float64Array {
  const taken = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) taken[i] = values[rows[i]!]!;
  return taken;
}

/** The whole numbers of these rows, in their order. */
export function codesOf(values: Int32Array, rows: Uint32Array): Int32Array {
  const taken = new Int32Array(rows.length);
  for (let i = 0; i < rows.length; i++) taken[i] = values[rows[i]!]!;
  return taken;
}

/** The finite numbers and the codes beside them, in their order; the arrays themselves where all are finite. */
export function finiteWithCodes(
  values: Float64Array,
  codes: Int32Array,
): { readonly values: Float64Array; readonly codes: Int32Array } {
  if (areFinite(values)) return { values, codes };
  const rows = rowsWhere(values.length, (row) => Number.isFinite(values[row]));
  return { values: numbersOf(values, rows), codes: codesOf(codes, rows) };
}

/** The finite numbers, in their order; the array itself where all are. */
export function finiteNumbers(values: Float64Array): Float64Array {
  if (areFinite(values)) return values;
  return numbersOf(
    values,
    rowsWhere(values.length, (row) => Number.isFinite(values[row])),
  );
}

function areFinite(values: Float64Array): boolean {
  for (let row = 0; row < values.length; row++) if (!Number.isFinite(values[row])) return false;
  return true;
}
