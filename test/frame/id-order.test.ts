import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { idAt, idColumn } from '../../src/frame/id.ts';
import { sortedRows } from '../../src/frame/id-order.ts';

/** Row numbers in the order of the ids' bytes, the plain way. */
function plainOrder(ids: readonly string[]): number[] {
  const bytes = ids.map((id) => Buffer.from(id));
  return Array.from(ids.keys()).sort((a, b) => Buffer.compare(bytes[a]!, bytes[b]!) || a - b);
}

const letters = 'the quick brown fox jumps over';

describe('the order of ids', () => {
  const number = fc.integer({ min: 0, max: 300 });
  const kinds = {
    'any texts': fc.string({ unit: 'grapheme', maxLength: 12 }),
    'ids that begin and end alike': number.map((n) => `customer-${String(n).padStart(9, '0')}-eu`),
    'numbers of different lengths': number.map(String),
    'ids that differ only behind more bytes than fit into a number': fc
      .tuple(fc.nat(8), number)
      .map(([n, own]) => `${letters.slice(n)}${letters.slice(0, n)}${own}`),
    'ids with the same beginning of many bytes': fc
      .tuple(fc.constantFrom('0123456789abcdef0123456789abcdef', 'fedcba9876543210fedcba9876543210'), number)
      .map(([text, n]) => text + String(n)),
  };

  it.each(Object.entries(kinds))('is that of their bytes, and equal ones stay in theirs: %s', (_, id) => {
    fc.assert(
      fc.property(fc.array(id, { maxLength: 60, size: 'max' }), (ids) => {
        expect([...sortedRows(idColumn(ids))]).toEqual(plainOrder(ids));
      }),
    );
  });

  it('is found where more bytes differ than fit into a number', () => {
    const ids = Array.from({ length: 3_000 }, (_, i) => `${'xyzw'.repeat(i % 7)}${(i * 7919) % 3000}-${i % 3}`);
    const shared = ids.map((id) => `${[...id].toReversed().join('').padEnd(40, 'é')}${id}`);
    const column = idColumn(shared);
    expect(Array.from(sortedRows(column), (row) => idAt(column, row))).toEqual(
      plainOrder(shared).map((row) => shared[row]!),
    );
  });
});
