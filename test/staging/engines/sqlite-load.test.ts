import fc from 'fast-check';
import Libsql from 'libsql';
import { expect, test } from 'vitest';
import { rowsOf, type Part, type Value } from '../../../src/staging/engines/rows.ts';
import { loadParts } from '../../../src/staging/engines/sqlite-load.ts';

const value = fc.constantFrom(null, 0, 1, 0.5, 9_007_199_254_740_991, '', '1', "it's", '?1');
const columns = { table: 'kept', own: ['a', 'b'], shared: ['c', 'd'] };

test('parts are inserted as the rows that they stand for, whatever they share', async () => {
  const pair = fc.tuple(value, value);
  // None, one or some rows, that parts share or have for themselves alone.
  const list = fc.array(pair, { maxLength: 3 });
  const lists = fc.array(list, { minLength: 1, maxLength: 5 });
  const parts = lists.chain((some) =>
    fc.array(fc.record({ own: pair, shared: fc.oneof(fc.constantFrom(...some), list) }), { maxLength: 700 }),
  );
  await fc.assert(
    fc.asyncProperty(parts, async (written) => {
      const db = new Libsql(':memory:');
      db.exec('create table kept (a, b, c, d)');
      // Twice, as a night loads one table after the other.
      await loadParts(db, { ...columns, parts: written });
      await loadParts(db, { ...columns, parts: written });
      const rows = [...rowsOf(written), ...rowsOf(written)];
      expect(sorted(db.prepare('select a, b, c, d from kept').raw().all() as Value[][])).toEqual(sorted(rows));
      db.close();
    }),
    { numRuns: 30 },
  );
});

test('what many parts share is handed over once', async () => {
  let handed = 0;
  const db = new Libsql(':memory:');
  db.exec('create table kept (a, b, c, d)');
  const counted = {
    exec: (sql: string) => db.exec(sql),
    prepare: (sql: string) => {
      const statement = db.prepare(sql);
      return {
        run(values: readonly unknown[]) {
          handed += values.length;
          return statement.run(values);
        },
      };
    },
  };
  const shared: Part['shared'] = [
    [1, 'first'],
    [2, 'second'],
  ];
  const parts = Array.from({ length: 1_000 }, (_, i) => ({ own: [i, `c${i}`], shared }));
  await loadParts(counted, { ...columns, parts });
  expect(db.prepare('select count(*) as rows, count(distinct a) as parts from kept').get()).toMatchObject({
    rows: 2_000,
    parts: 1_000,
  });
  // Two values of its own a part, and what says which rows it shares.
  expect(handed).toBeLessThan(3 * parts.length + 20);
  db.close();
});

function sorted(rows: readonly (readonly Value[])[]): string[] {
  return rows.map((row) => JSON.stringify(row)).toSorted();
}
