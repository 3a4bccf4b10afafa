import type { DuckDBVector } from '@duckdb/node-api';

/** The memory behind a vector. It belongs to the chunk: what is kept must be copied. */
type RawVector = {
  bytes(): Uint8Array;
  int32(): Int32Array;
  int64(): BigInt64Array;
  view(): DataView;
  /** The items as the driver typed them, for types narrower than 64 bits and for doubles. */
  numbers(): Float64Array | Float32Array | Int32Array;
};

/** What all vectors of the driver hold and its types call private. The reader suite fails when a version changes it. */
type Innards = {
  readonly items?: ArrayBufferView;
  readonly dataView?: DataView;
  readonly validity: { readonly data: BigUint64Array | null };
};

/** The memory of a vector of fixed width or of text. */
export function rawOf(vector: DuckDBVector): RawVector {
  const { items, dataView } = vector as unknown as Innards;
  const memory = items ?? dataView;
  if (!memory) throw new Error(`the DuckDB driver has changed: ${vector.constructor.name} shows no memory`);
  const { buffer, byteOffset, byteLength } = memory;
  return {
    bytes: () => new Uint8Array(buffer, byteOffset, byteLength),
    int32: () => new Int32Array(buffer, byteOffset, byteLength / 4),
    int64: () => new BigInt64Array(buffer, byteOffset, byteLength / 8),
    view: () => new DataView(buffer, byteOffset, byteLength),
    numbers: () => items as Float64Array,
  };
}

/** One bit per row, least significant first, 1 where there is a value; undefined when no row is null. */
export function validityOf(vector: DuckDBVector): Uint8Array | undefined {
  const { data } = (vector as unknown as Innards).validity;
  return data ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : undefined;
}

/** True where the row holds a value. */
export function isValid(validity: Uint8Array | undefined, row: number): boolean {
  return validity === undefined || ((validity[row >> 3]! >> (row & 7)) & 1) === 1;
}

const longestInline = 12;

/** Length in bytes of a text that lies in the vector itself (from byte 4 of its 16), else undefined. */
export function inlineLength(view: DataView, row: number): number | undefined {
  const length = view.getUint32(row * 16, true);
  return length <= longestInline ? length : undefined;
}
