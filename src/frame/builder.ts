import { columnLength, type Column, type ColumnKind, type NullMask } from './column.ts';
import type { Frame } from './frame.ts';

/** What a builder of each kind is fed: days since 1970-01-01, microseconds, UTF-8 text. */
export type ColumnValue = {
  number: number;
  boolean: boolean;
  day: number;
  timestamp: bigint;
  text: string;
  id: string;
};

/** Grows one column; memory is at most twice the finished column. */
export type ColumnBuilder<Value> = {
  push(value: Value | null): void;
  finish(): Column;
};

export type Field<Kind extends ColumnKind = ColumnKind> = { readonly name: string; readonly kind: Kind };

/** A builder for one column of the given kind. */
export function createColumnBuilder<Kind extends ColumnKind>(kind: Kind): ColumnBuilder<ColumnValue[Kind]> {
  return builders[kind]() as ColumnBuilder<ColumnValue[Kind]>;
}

/** Puts finished columns together. Throws when their lengths differ or a name repeats. */
export function frameOf(fields: readonly { readonly name: string; readonly column: Column }[]): Frame {
  const columns = new Map<string, Column>();
  let rowCount: number | undefined;
  for (const { name, column } of fields) {
    const length = columnLength(column);
    if (columns.has(name)) throw new Error(`two columns are named "${name}"`);
    if (rowCount !== undefined && rowCount !== length)
      throw new Error(`column "${name}" has ${length} rows, not ${rowCount}`);
    rowCount = length;
    columns.set(name, column);
  }
  return { rowCount: rowCount ?? 0, columns };
}

const builders: { [Kind in ColumnKind]: () => ColumnBuilder<ColumnValue[Kind]> } = {
  number: () => valuesBuilder<'number', number>('number', (length) => new Float64Array(length), Number.NaN),
  day: () => valuesBuilder<'day', number>('day', (length) => new Int32Array(length), 0),
  timestamp: () => valuesBuilder<'timestamp', bigint>('timestamp', (length) => new BigInt64Array(length), 0n),
  boolean: () => {
    const inner = valuesBuilder<'boolean', number>('boolean', (length) => new Uint8Array(length), 0);
    return { push: (value) => inner.push(value === null ? null : Number(value)), finish: inner.finish };
  },
  text: textBuilder,
  id: idBuilder,
};

const firstCapacity = 1024;

type Growable = { readonly length: number; set(source: never): void };

function grown<Values extends Growable>(values: Values, needed: number, allocate: (length: number) => Values): Values {
  if (needed <= values.length) return values;
  const larger = allocate(Math.max(needed, values.length * 2));
  larger.set(values as never);
  return larger;
}

function nullTracker(): { mark(row: number): void; finish(length: number): { nulls?: NullMask } } {
  let marks: Uint8Array | undefined;
  return {
    mark(row) {
      marks = grown(marks ?? new Uint8Array(firstCapacity), row + 1, (length) => new Uint8Array(length));
      marks[row] = 1;
    },
    finish(length) {
      if (!marks) return {};
      const nulls = new Uint8Array(length);
      nulls.set(marks.subarray(0, length));
      return { nulls };
    },
  };
}

function valuesBuilder<Kind extends 'number' | 'boolean' | 'day' | 'timestamp', Value extends number | bigint>(
  kind: Kind,
  allocate: (length: number) => Float64Array | Int32Array | BigInt64Array | Uint8Array,
  empty: Value,
): ColumnBuilder<Value> {
  let values = allocate(firstCapacity);
  let length = 0;
  const nulls = nullTracker();
  return {
    push(value) {
      if (length === values.length) values = grown(values, length + 1, allocate);
      if (value === null) nulls.mark(length);
      values[length++] = value ?? empty;
    },
    finish: () => ({ kind, values: values.slice(0, length), ...nulls.finish(length) }) as Column,
  };
}

function textBuilder(): ColumnBuilder<string> {
  const dictionary: string[] = [];
  const codeOf = new Map<string, number>();
  const codes = valuesBuilder<'day', number>('day', (length) => new Int32Array(length), -1);
  return {
    push(value) {
      if (value === null) return codes.push(null);
      let code = codeOf.get(value);
      if (code === undefined) {
        code = dictionary.push(value) - 1;
        codeOf.set(value, code);
      }
      codes.push(code);
    },
    finish() {
      const { values, nulls } = codes.finish() as Extract<Column, { kind: 'day' }>;
      return { kind: 'text', dictionary, codes: values, ...(nulls ? { nulls } : {}) };
    },
  };
}

function idBuilder(): ColumnBuilder<string> {
  const encoder = new TextEncoder();
  const nulls = nullTracker();
  let bytes = new Uint8Array(firstCapacity * 16);
  let offsets = new Uint32Array(firstCapacity);
  let length = 0;
  return {
    push(value) {
      const start = offsets[length]!;
      const text = value ?? '';
      bytes = grown(bytes, start + text.length * 3, (size) => new Uint8Array(size));
      if (length + 2 > offsets.length) offsets = grown(offsets, length + 2, (size) => new Uint32Array(size));
      if (value === null) nulls.mark(length);
      offsets[++length] = start + encoder.encodeInto(text, bytes.subarray(start)).written;
    },
    finish: () => ({
      kind: 'id',
      bytes: bytes.slice(0, offsets[length]),
      offsets: offsets.slice(0, length + 1),
      ...nulls.finish(length),
    }),
  };
}
