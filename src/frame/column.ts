/**
 * Null rule, the same for every kind: `nulls[row] === 1` marks a null, and `nulls` is absent
 * when the column has none. A NaN in `values` that is not marked is a real NaN from the source.
 */
export type NullMask = Uint8Array;

type Nullable = { readonly nulls?: NullMask };

/** Numbers of any SQL type, without -0; a null holds NaN. */
export type NumberColumn = Nullable & { readonly kind: 'number'; readonly values: Float64Array };

/** Booleans as 0 and 1. */
type BooleanColumn = Nullable & { readonly kind: 'boolean'; readonly values: Uint8Array };

/** Calendar dates as days since 1970-01-01. */
export type DayColumn = Nullable & { readonly kind: 'day'; readonly values: Int32Array };

/** Zoneless wall-clock times as microseconds since 1970-01-01 00:00:00. */
type TimestampColumn = Nullable & { readonly kind: 'timestamp'; readonly values: BigInt64Array };

/** Repeated text, dictionary-coded: `dictionary[codes[row]]`; a null holds code -1. */
export type TextColumn = Nullable & {
  readonly kind: 'text';
  readonly dictionary: readonly string[];
  readonly codes: Int32Array;
};

/** Customer ids: UTF-8 bytes of row `i` are `bytes.subarray(offsets[i], offsets[i + 1])`. */
export type IdColumn = Nullable & {
  readonly kind: 'id';
  readonly bytes: Uint8Array;
  readonly offsets: Uint32Array;
};

export type Column = NumberColumn | BooleanColumn | DayColumn | TimestampColumn | TextColumn | IdColumn;
export type ColumnKind = Column['kind'];

/** How many rows the column has. */
export function columnLength(column: Column): number {
  switch (column.kind) {
    case 'text':
      return column.codes.length;
    case 'id':
      return column.offsets.length - 1;
    default:
      return column.values.length;
  }
}

/** True when the row holds a null. */
export function isNull(column: Column, row: number): boolean {
  return column.nulls?.[row] === 1;
}

/** How many rows hold a null. */
export function countNulls(column: Column): number {
  let count = 0;
  for (const mark of column.nulls ?? []) count += mark;
  return count;
}

/** The rows of `column` in the order of `rows` (row numbers, repeats allowed). */
export function takeRows(column: Column, rows: Uint32Array): Column {
  const nulls = column.nulls ? { nulls: gather(column.nulls, rows, new Uint8Array(rows.length)) } : {};
  switch (column.kind) {
    case 'number':
      return { ...nulls, kind: 'number', values: gather(column.values, rows, new Float64Array(rows.length)) };
    case 'boolean':
      return { ...nulls, kind: 'boolean', values: gather(column.values, rows, new Uint8Array(rows.length)) };
    case 'day':
      return { ...nulls, kind: 'day', values: gather(column.values, rows, new Int32Array(rows.length)) };
    case 'timestamp':
      return { ...nulls, kind: 'timestamp', values: gather(column.values, rows, new BigInt64Array(rows.length)) };
    case 'text':
      return { ...column, ...nulls, codes: gather(column.codes, rows, new Int32Array(rows.length)) };
    case 'id':
      return { ...nulls, ...gatherIds(column, rows) };
  }
}

type Indexed<T> = { [index: number]: T };

function gather<T, Target extends Indexed<T>>(source: Indexed<T>, rows: Uint32Array, target: Target): Target {
  for (let i = 0; i < rows.length; i++) target[i] = source[rows[i]!]!;
  return target;
}

function gatherIds(column: IdColumn, rows: Uint32Array): IdColumn {
  const offsets = new Uint32Array(rows.length + 1);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    offsets[i + 1] = offsets[i]! + column.offsets[row + 1]! - column.offsets[row]!;
  }
  const bytes = new Uint8Array(offsets[rows.length]!);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    // An id is short: byte by byte takes less than a view of it.
    for (let from = column.offsets[row]!, to = offsets[i]!; to < offsets[i + 1]!; from++, to++)
      bytes[to] = column.bytes[from]!;
  }
  return { kind: 'id', bytes, offsets };
}
