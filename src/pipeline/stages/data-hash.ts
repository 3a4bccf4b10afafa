import { createHash } from 'node:crypto';
import type { Column } from '../../frame/column.ts';
import type { Frame } from '../../frame/frame.ts';

/** SHA-256 over the customers in their order, column by column by name: equal for equal input, whatever order it came in. */
export function dataHash(customers: Frame): string {
  const hash = createHash('sha256');
  for (const [name, column] of [...customers.columns].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`${name}\0${column.kind}\0`);
    if (column.nulls) hash.update(column.nulls);
    for (const part of bytesOf(column)) hash.update(part);
  }
  return hash.digest('hex');
}

/** Dictionary codes depend on the order of arrival, so text is hashed as text. */
function* bytesOf(column: Column): Generator<Uint8Array | string> {
  switch (column.kind) {
    case 'text':
      for (const code of column.codes) yield `${code < 0 ? '' : column.dictionary[code]}\0`;
      return;
    case 'id':
      yield asBytes(column.offsets);
      yield column.bytes;
      return;
    default:
      yield asBytes(column.values);
  }
}

function asBytes(values: ArrayBufferView): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
