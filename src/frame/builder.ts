import { Chunks } from './chunks.ts';
import { columnLength, type Column, type ColumnKind, type NullMask } from './column.ts';
import type { Frame } from './frame.ts';

/** Grows one column. */
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

function nullTracker(): { mark(row: number): void; finish(length: number): { nulls?: NullMask } } {
  let marks: Chunks<Uint8Array> | undefined;
  return {
    mark(row) {
      marks ??= new Chunks((length) => new Uint8Array(length));
      padTo(marks, row);
      marks.makeRoom(1);
      marks.chunk[marks.used++] = 1;
    },
    finish(length) {
      if (!marks) return {};
      padTo(marks, length);
      return { nulls: marks.join() };
    },
  };
}

/** A piece may hold what was written to it before. */
function padTo(marks: Chunks<Uint8Array>, length: number): void {
  while (marks.length < length) {
    marks.makeRoom(1);
    const end = marks.used + Math.min(marks.chunk.length - marks.used, length - marks.length);
    marks.chunk.fill(0, marks.used, end);
    marks.used = end;
  }
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
  const values = new Chunks(allocate);
  const nulls = nullTracker();
  return {
    push(value) {
      if (value === null) nulls.mark(values.length);
      values.makeRoom(1);
      values.chunk[values.used++] = value ?? empty;
    },
    pushRun(run, validity) {
      values.makeRoom(run.length);
      const { chunk, used, length } = values;
      chunk.set(run as never, used);
      if (validity !== undefined) {
        for (let i = 0; i < run.length; i++) {
          if ((validity[i >> 3]! >> (i & 7)) & 1) continue;
          nulls.mark(length + i);
          chunk[used + i] = empty;
        }
      }
      values.used += run.length;
    },
    finish() {
      const { length } = values;
      return { kind, values: values.join(), ...nulls.finish(length) } as Column;
    },
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
  const bytes = new Chunks((length) => new Uint8Array(length));
  const offsets = new Chunks((length) => new Uint32Array(length));
  const mark = (): void => {
    offsets.makeRoom(1);
    offsets.chunk[offsets.used++] = bytes.length;
  };
  mark();
  return {
    push(value) {
      const text = value ?? '';
      if (value === null) nulls.mark(offsets.length - 1);
      bytes.makeRoom(text.length * 3);
      bytes.used += encoder.encodeInto(text, bytes.chunk.subarray(bytes.used)).written;
      mark();
    },
    pushBytes(source, start, end) {
      bytes.makeRoom(end - start);
      const { chunk } = bytes;
      for (let i = start; i < end; i++) chunk[bytes.used++] = source[i]!;
      mark();
    },
    finish() {
      const length = offsets.length - 1;
      return { kind: 'id', bytes: bytes.join(), offsets: offsets.join(), ...nulls.finish(length) };
    },
  };
}
