import fc from 'fast-check';
import Libsql from 'libsql';
import { expect, test } from 'vitest';
import { insertsRows } from '../../../src/staging/engines/sqlite-insert.ts';

const value = fc.constantFrom(null, 0, 1, 9_007_199_254_740_991, '', '1', "it's", '?1');

test('values that are held or come again are handed over once, as the lists of customers have them', () => {
  const handed: number[] = [];
  const rows = Array.from({ length: 360 }, (_, i) => ['run', `c${Math.floor(i / 3)}`, (i % 3) + 1, i * i]);
  const prepare = () => ({ run: (values: readonly unknown[]) => handed.push(values.length) });
  const inserter = insertsRows(prepare, 'kept', ['a', 'b', 'c', 'd']);
  for (const row of rows) inserter.add(row);
  inserter.finish();
  expect(handed).toEqual([1 + 40 + 3 + 120, 1 + 40 + 3 + 120, 1 + 40 + 3 + 120]);
});

test('rows are inserted as they are, whichever columns are the same in all of them', () => {
  const row = fc.tuple(value, value, value);
  const times = fc.integer({ min: 1, max: 130 });
  // A few rows, each held for a while, which come again and again.
  const alike = fc.tuple(fc.array(row, { minLength: 1, maxLength: 4 }), fc.integer({ min: 1, max: 4 }), times);
  fc.assert(
    fc.property(fc.array(alike, { maxLength: 4 }), fc.array(row), (runs, others) => {
      const repeated = runs.flatMap(([some, held, times]) => {
        const stretched = some.flatMap((each) => Array.from({ length: held }, () => each));
        return Array.from({ length: times }, () => stretched).flat();
      });
      const rows = [...repeated, ...others];
      const db = new Libsql(':memory:');
      db.exec('create table kept (a, b, c)');
      const inserter = insertsRows((sql) => db.prepare(sql), 'kept', ['a', 'b', 'c']);
      for (const each of rows) inserter.add(each);
      inserter.finish();
      expect(db.prepare('select a, b, c from kept order by rowid').raw().all()).toEqual(rows);
      db.close();
    }),
    { numRuns: 30 },
  );
});
