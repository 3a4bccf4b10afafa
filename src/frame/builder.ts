import { columnLength, type Column, type ColumnKind, type NullMask } from './column.ts';
import type { Frame } from './frame.ts';

/** Grows one column; memory is at most twice the finished column. */
export type ColumnBuilder<Value> = {
  push(value: Value | null): void;
  finish(): Column;
};

type NumberRun =
  Float64Array | Float32Array | Int32Array | Uint32Array | Int16Array | Uint16Array | Int8Array | Uint8Array;

/** Grows a column of fixed width; also takes whole runs, as a columnar driver hands them over. */
type FixedWidthBuilder<Value, Run> = ColumnBuilder<Value> & {
  /** Appends a run; where `validity` is given, its bit i (least significant first) is 0 for a null. */
  pushRun(run: Run, validity?: Uint8Array): void;
};

export type TextBuilder = ColumnBuilder<string> & {
  /** The code of a text, which is added to the dictionary when it is new. */
  codeOf(text: string): number;
  pushCode(code: number): void;
};

type IdBuilder = ColumnBuilder<string> & {
  /** Appends the id whose UTF-8 bytes stand in `source` from `start` to before `end`. */
  pushBytes(source: Uint8Array, start: number, end: number): void;
};

/** What each kind is fed: days since 1970-01-01, microseconds, UTF-8 text. */
type Builders = {
  number: FixedWidthBuilder<number, NumberRun>;
  boolean: FixedWidthBuilder<boolean, Uint8Array>;
  day: FixedWidthBuilder<number, Int32Array>;
  timestamp: FixedWidthBuilder<bigint, BigInt64Array>;
  text: TextBuilder;
  id: IdBuilder;
};

/** A builder for one column of the given kind. */
export function createColumnBuilder<Kind extends ColumnKind>(kind: Kind): Builders[Kind] {
  return builders[kind]();
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

const builders: { [Kind in ColumnKind]: () => Builders[Kind] } = {
  number: () => {
    const inner = valuesBuilder<'number', number, NumberRun>(
      'number',
      (length) => new Float64Array(length),
      Number.NaN,
    );
    return { ...inner, finish: () => withoutNegativeZero(inner.finish()) };
  },
  day: dayBuilder,
  timestamp: () =>
    valuesBuilder<'timestamp', bigint, BigInt64Array>('timestamp', (length) => new BigInt64Array(length), 0n),
  boolean: () => {
    const inner = valuesBuilder<'boolean', number, Uint8Array>('boolean', (length) => new Uint8Array(length), 0);
    return { ...inner, push: (value) => inner.push(value === null ? null : Number(value)) };
  },
  text: textBuilder,
  id: idBuilder,
};

/** Some engines send -0 and some don't: the same rows must give the same bytes from all of them. */
function withoutNegativeZero(column: Column): Column {
  if (column.kind === 'number') for (let row = 0; row < column.values.length; row++) column.values[row]! += 0;
  return column;
}

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

function dayBuilder(empty = 0): FixedWidthBuilder<number, Int32Array> {
  return valuesBuilder<'day', number, Int32Array>('day', (length) => new Int32Array(length), empty);
}

function valuesBuilder<
  Kind extends 'number' | 'boolean' | 'day' | 'timestamp',
  Value extends number | bigint,
  Run extends NumberRun | BigInt64Array,
>(
  kind: Kind,
  allocate: (length: number) => Float64Array | Int32Array | BigInt64Array | Uint8Array,
  empty: Value,
): FixedWidthBuilder<Value, Run> {
  let values = allocate(firstCapacity);
  let length = 0;
  const nulls = nullTracker();
  return {
    push(value) {
      if (length === values.length) values = grown(values, length + 1, allocate);
      if (value === null) nulls.mark(length);
      values[length++] = value ?? empty;
    },
    pushRun(run, validity) {
      values = grown(values, length + run.length, allocate);
      values.set(run as never, length);
      if (validity !== undefined) {
        for (let i = 0; i < run.length; i++) {
          if ((validity[i >> 3]! >> (i & 7)) & 1) continue;
          nulls.mark(length + i);
          values[length + i] = empty;
        }
      }
      length += run.length;
    },
    finish: () => ({ kind, values: values.slice(0, length), ...nulls.finish(length) }) as Column,
  };
}

function textBuilder(): TextBuilder {
  const dictionary: string[] = [];
  const known = new Map<string, number>();
  const codes = dayBuilder(-1);
  const codeOf = (text: string): number => {
    let code = known.get(text);
    if (code === undefined) {
      code = dictionary.push(text) - 1;
      known.set(text, code);
    }
    return code;
  };
  return {
    codeOf,
    push: (value) => codes.push(value === null ? null : codeOf(value)),
    pushCode: codes.push,
    finish() {
      const { values, nulls } = codes.finish() as Extract<Column, { kind: 'day' }>;
      return { kind: 'text', dictionary, codes: values, ...(nulls ? { nulls } : {}) };
    },
  };
}

function idBuilder(): IdBuilder {
  const encoder = new TextEncoder();
  const nulls = nullTracker();
  let bytes = new Uint8Array(firstCapacity * 16);
  let offsets = new Uint32Array(firstCapacity);
  let length = 0;
  const makeRoom = (size: number): number => {
    const start = offsets[length]!;
    if (start + size > bytes.length) bytes = grown(bytes, start + size, (needed) => new Uint8Array(needed));
    if (length + 2 > offsets.length) offsets = grown(offsets, length + 2, (needed) => new Uint32Array(needed));
    return start;
  };
  return {
    push(value) {
      const text = value ?? '';
      const start = makeRoom(text.length * 3);
      if (value === null) nulls.mark(length);
      offsets[++length] = start + encoder.encodeInto(text, bytes.subarray(start)).written;
    },
    pushBytes(source, start, end) {
      let at = makeRoom(end - start);
      for (let i = start; i < end; i++) bytes[at++] = source[i]!;
      offsets[++length] = at;
    },
    finish: () => ({
      kind: 'id',
      bytes: bytes.slice(0, offsets[length]),
      offsets: offsets.slice(0, length + 1),
      ...nulls.finish(length),
    }),
  };
}
