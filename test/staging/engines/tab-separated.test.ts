import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rowsOf } from '../../../src/staging/engines/rows.ts';
import { tabSeparated } from '../../../src/staging/engines/tab-separated.ts';

const meanings: Readonly<Record<string, string>> = { '\\': '\\', t: '\t', n: '\n', r: '\r', 0: '\0' };
const value = fc.oneof(
  fc.constant(null),
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.string({ unit: fc.constantFrom('\\', 'N', '\t', '\n', '\r', '\0', 'é'), maxLength: 6 }),
);

test('rows are told apart and read as they were, whatever is in them and whatever they share', () => {
  const row = fc.array(value, { minLength: 2, maxLength: 2 });
  const lists = fc.array(fc.array(row, { maxLength: 3 }), { minLength: 1, maxLength: 4 });
  const parts = lists.chain((some) =>
    fc.array(fc.record({ own: row, shared: fc.constantFrom(...some) }), { maxLength: 20 }),
  );
  fc.assert(
    fc.property(parts, (written) => {
      const lines = Buffer.concat([...tabSeparated(written)])
        .toString()
        .split('\n');
      expect(lines.pop()).toBe('');
      expect(lines.map((line) => line.split('\t').map(read))).toEqual([...rowsOf(written)]);
    }),
  );
});

function read(field: string): string | null {
  return field === '\\N' ? null : field.replaceAll(/\\(.)/g, (_, character: string) => meanings[character] ?? '');
}
